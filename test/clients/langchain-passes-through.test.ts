import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import t from 'tap'
import { rejection, startSetting } from './start.ts'

for (const useResponsesApi of [false, true]) {
  t.test(`${useResponsesApi ? 'responses' : 'chat completions'}: invoke, stream, tools, structured output, errors`, async t => {
    const { gateway } = await startSetting(t)
    const client = (model: string) => new ChatOpenAI({ model, apiKey: gateway.key, useResponsesApi, maxRetries: 0, configuration: { baseURL: gateway.baseUrl } })

    const whole = await client('gpt-4o').invoke('Hello there')
    t.ok(whole.text.length > 0)
    t.ok(totalTokens(whole) > 0)

    let text = ''
    let tokens = 0
    for await (const chunk of await client('gpt-4o').stream('Hello there')) {
      text += chunk.text
      tokens = totalTokens(chunk) || tokens
    }
    t.equal(text, whole.text)
    t.equal(tokens, totalTokens(whole))

    const weather = { type: 'function' as const, function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } }
    const called = await client('gpt-4o').bindTools([weather], { tool_choice: 'required' }).invoke('What is the weather?')
    t.equal(called.tool_calls?.[0]?.name, 'get_weather')

    const person = { title: 'person', type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false }
    t.match(await client('gpt-4o').withStructuredOutput(person, { method: 'jsonSchema', strict: true }).invoke('A person'), { name: String })

    t.match(await rejection(client('demo-500').invoke('Hi')), { status: 502 })
    t.match(await rejection(client('demo-404').invoke('Hi')), { status: 404 })
    t.match(await rejection(drain(await client('demo-cut').stream('Hi'))), { code: 'upstream_disconnected' })
  })
}

t.test('embeddings', async t => {
  const { gateway } = await startSetting(t)
  const embeddings = new OpenAIEmbeddings({ model: 'text-embedding-3-small', apiKey: gateway.key, configuration: { baseURL: gateway.baseUrl } })
  t.ok((await embeddings.embedQuery('one')).length > 0)
})

async function drain (stream: AsyncIterable<unknown>): Promise<void> {
  for await (const chunk of stream) void chunk
}

/** The types of the package know the field only for its own subclasses. */
function totalTokens (message: object): number {
  return (message as { usage_metadata?: { total_tokens?: number } }).usage_metadata?.total_tokens ?? 0
}
