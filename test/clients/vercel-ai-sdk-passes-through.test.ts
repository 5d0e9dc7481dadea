import { createOpenAI } from '@ai-sdk/openai'
import { APICallError, generateObject, generateText, jsonSchema, streamText, tool } from 'ai'
import t from 'tap'
import { rejection, startSetting } from './start.ts'

const personSchema = jsonSchema<{ name: string, age: number }>({
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false
})

for (const api of ['chat', 'responses'] as const) {
  t.test(`${api}: text, stream, tools, structured output, errors, a death mid-stream`, async t => {
    const { gateway } = await startSetting(t)
    const openai = createOpenAI({ baseURL: gateway.baseUrl, apiKey: gateway.key })
    const model = (name: string) => api === 'chat' ? openai.chat(name) : openai.responses(name)
    const prompt = 'Hello there'

    const whole = await generateText({ model: model('gpt-4o'), prompt })
    t.ok(whole.text.length > 0)
    t.ok((whole.usage.totalTokens ?? 0) > 0)

    const stream = streamText({ model: model('gpt-4o'), prompt })
    let text = ''
    for await (const piece of stream.textStream) text += piece
    t.equal(text, whole.text)
    t.equal((await stream.usage).totalTokens, whole.usage.totalTokens)
    t.equal(await stream.finishReason, 'stop')

    const called = await generateText({
      model: model('gpt-4o'),
      prompt: 'What is the weather?',
      toolChoice: 'required',
      tools: { get_weather: tool({ inputSchema: jsonSchema<{ city: string }>({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }) }) }
    })
    t.equal(called.toolCalls[0]?.toolName, 'get_weather')

    const { object } = await generateObject({ model: model('gpt-4o'), schema: personSchema, prompt: 'A person' })
    t.match(object, { name: String, age: Number })

    const limited = await rejection(generateText({ model: model('demo-429-30'), prompt, maxRetries: 0 }))
    t.ok(APICallError.isInstance(limited))
    t.match(limited, { statusCode: 429, message: /limiting/ })

    const errors: unknown[] = []
    const broken = streamText({ model: model('demo-cut'), prompt, maxRetries: 0, onError: ({ error }) => { errors.push(error) } })
    await broken.consumeStream()
    t.ok(errors.length > 0, 'the cut stream is reported')
    t.match(JSON.stringify(errors), 'upstream_disconnected')
  })
}

t.test('an abort reaches the upstream', async t => {
  const { gateway, demo } = await startSetting(t)
  const openai = createOpenAI({ baseURL: gateway.baseUrl, apiKey: gateway.key })
  const controller = new AbortController()
  const stream = streamText({ model: openai.chat('demo-infinite'), prompt: 'Hi', abortSignal: controller.signal, onError: () => {} })
  for await (const piece of stream.textStream) {
    if (piece !== '') break
  }
  controller.abort()
  const [request] = demo.requests
  t.ok(request)
  if (request !== undefined) t.equal((await demo.recorder.ended(request)).ending, 'aborted')
})
