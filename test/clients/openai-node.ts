import type OpenAIClient from 'openai'
import { test } from 'tap'
import type { Test } from 'tap'
import { rejection, startSetting } from './start.ts'

/** The package's main export, whatever its version: the calls used here are the same in all of them. */
export type OpenAIConstructor = typeof OpenAIClient

const hello = [{ role: 'user' as const, content: 'Hello there' }]
const weatherTool = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' }, ['__proto__']: { type: 'object' } }, required: ['city'] }
  }
}
const timeTool = { type: 'function' as const, function: { name: 'get_time', parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] } } }
const personSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false
}

/** Everything that users of the official SDK do, through the gateway. */
export function conformance (OpenAI: OpenAIConstructor): void {
  test('chat completions', async t => { await chatCompletions(t, OpenAI) })
  test('responses', async t => { await responses(t, OpenAI) })
  test('embeddings and models', async t => { await embeddingsAndModels(t, OpenAI) })
  test('errors', async t => { await errors(t, OpenAI) })
  test('streams that end early', async t => { await earlyEnds(t, OpenAI) })
}

async function chatCompletions (t: Test, OpenAI: OpenAIConstructor): Promise<void> {
  const { gateway, demo } = await startSetting(t)
  const client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: gateway.key, maxRetries: 0 })

  const whole = await client.chat.completions.create({ model: 'gpt-4o', messages: hello })
  const text = whole.choices[0]?.message.content ?? ''
  t.ok(text.length > 0)
  t.ok((whole.usage?.total_tokens ?? 0) > 0)

  const pieces: string[] = []
  const finishes: string[] = []
  for await (const chunk of await client.chat.completions.create({ model: 'gpt-4o', messages: hello, stream: true })) {
    t.ok(chunk.choices.length > 0, 'no usage chunk that was not asked for')
    pieces.push(chunk.choices[0]?.delta.content ?? '')
    if (chunk.choices[0]?.finish_reason != null) finishes.push(chunk.choices[0].finish_reason)
  }
  t.equal(pieces.join(''), text, 'the stream says what the JSON says')
  t.ok(pieces.length > 3, 'word by word')
  t.same(finishes, ['stop'])

  let usage = null
  for await (const chunk of await client.chat.completions.create({ model: 'gpt-4o', messages: hello, stream: true, stream_options: { include_usage: true } })) usage = chunk.usage
  t.equal(usage?.total_tokens, whole.usage?.total_tokens)

  const seeded = { model: 'gpt-4-1106-preview', messages: hello, seed: 7 }
  t.same(await client.chat.completions.create(seeded), await client.chat.completions.create(seeded), 'a seed gives the same answer, id and all')

  const called = await client.chat.completions.create({ model: 'gpt-4-0125-preview', messages: hello, tools: [weatherTool, timeTool], tool_choice: 'required', parallel_tool_calls: true })
  const calls = called.choices[0]?.message.tool_calls ?? []
  t.equal(called.choices[0]?.finish_reason, 'tool_calls')
  t.ok(calls.length > 0)
  for (const call of calls) t.type(JSON.parse((call as { function: { arguments: string } }).function.arguments), 'object')
  t.match(demo.requests.at(-1)?.body.toString(), '"__proto__"')

  const json = await client.chat.completions.create({ model: 'gpt-4-1106-preview', messages: [{ role: 'user', content: 'Answer in JSON' }], response_format: { type: 'json_object' } })
  t.type(JSON.parse(json.choices[0]?.message.content ?? ''), 'object')

  const structured = await client.chat.completions.create({ model: 'gpt-4o', messages: hello, response_format: { type: 'json_schema', json_schema: { name: 'person', strict: true, schema: personSchema } } })
  t.match(JSON.parse(structured.choices[0]?.message.content ?? ''), { name: String, age: Number })
}

async function responses (t: Test, OpenAI: OpenAIConstructor): Promise<void> {
  const { gateway } = await startSetting(t)
  const client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: gateway.key, maxRetries: 0 })

  const whole = await client.responses.create({ model: 'gpt-4o', input: 'Hello there' })
  t.ok(whole.output_text.length > 0)
  t.ok((whole.usage?.total_tokens ?? 0) > 0)
  t.equal((await client.responses.retrieve(whole.id)).id, whole.id)

  let text = ''
  const types: string[] = []
  for await (const event of await client.responses.create({ model: 'gpt-4o', input: 'Hello there', stream: true })) {
    types.push(event.type)
    if (event.type === 'response.output_text.delta') text += event.delta
  }
  t.equal(text, whole.output_text)
  t.equal(types[0], 'response.created')
  t.equal(types.at(-1), 'response.completed')

  const called = await client.responses.create({
    model: 'gpt-4o',
    input: 'What is the weather?',
    tools: [{ type: 'function', name: 'get_weather', parameters: weatherTool.function.parameters, strict: true }],
    tool_choice: 'required'
  })
  const call = called.output.find(item => item.type === 'function_call')
  t.equal(call?.type === 'function_call' ? call.name : null, 'get_weather')

  const structured = await client.responses.create({ model: 'gpt-4o', input: 'A person', text: { format: { type: 'json_schema', name: 'person', schema: personSchema, strict: true } } })
  t.match(JSON.parse(structured.output_text), { name: String, age: Number })
}

async function embeddingsAndModels (t: Test, OpenAI: OpenAIConstructor): Promise<void> {
  const { gateway } = await startSetting(t)
  const client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: gateway.key, maxRetries: 0 })
  const { data, usage } = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'] })
  t.equal(data.length, 2)
  t.ok((data[0]?.embedding.length ?? 0) > 0, 'the SDK asks for base64 and decodes it')
  t.ok(usage.total_tokens > 0)
  const ids: string[] = []
  for await (const model of client.models.list()) ids.push(model.id)
  t.ok(ids.includes('openai/gpt-4o'))
  t.match(await client.models.retrieve('openai/gpt-4o'), { id: 'openai/gpt-4o', object: 'model', created: Number, owned_by: String })
}

async function errors (t: Test, OpenAI: OpenAIConstructor): Promise<void> {
  const { gateway, demo } = await startSetting(t)
  const client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: gateway.key, maxRetries: 0 })
  const ask = async (model: string): Promise<unknown> => await client.chat.completions.create({ model, messages: hello })

  const stranger = new OpenAI({ baseURL: gateway.baseUrl, apiKey: 'sk-proj-of-somebody-else', maxRetries: 0 })
  const refused = await rejection(stranger.chat.completions.create({ model: 'gpt-4o', messages: hello }))
  t.ok(refused instanceof OpenAI.AuthenticationError)
  t.match(refused, { status: 401, code: 'invalid_api_key', message: /OpenAI/ })

  const missing = await rejection(ask('demo-404'))
  t.ok(missing instanceof OpenAI.NotFoundError)
  t.match(missing, { status: 404, type: 'invalid_request_error' })
  const limited = await rejection(ask('demo-429-30'))
  t.ok(limited instanceof OpenAI.RateLimitError)
  t.match(limited, { status: 429, code: 'upstream_rate_limited' })
  const failed = await rejection(ask('demo-500'))
  t.ok(failed instanceof OpenAI.InternalServerError)
  t.match(failed, { status: 502, code: 'upstream_error' })
  const invalid = await rejection(client.chat.completions.create({ model: 'gpt-4o', messages: [] }))
  t.ok(invalid instanceof OpenAI.BadRequestError)
  t.match(invalid, { status: 400, param: 'messages' })

  const retrying = new OpenAI({ baseURL: gateway.baseUrl, apiKey: gateway.key, maxRetries: 1 })
  const before = demo.requests.length
  const answer = await retrying.chat.completions.create({ model: 'demo-flaky', messages: hello })
  t.ok(answer.choices[0]?.message.content)
  t.equal(demo.requests.length - before, 2, 'the SDK tried again after the 503, the gateway did not')
}

async function earlyEnds (t: Test, OpenAI: OpenAIConstructor): Promise<void> {
  const { gateway, demo } = await startSetting(t)
  const client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: gateway.key, maxRetries: 0 })

  for (const model of ['demo-cut', 'demo-cut-clean', 'demo-rst', 'demo-error-in-stream', 'demo-garbage']) {
    const chat = await client.chat.completions.create({ model, messages: hello, stream: true })
    t.ok(await rejection(drain(chat)) instanceof OpenAI.APIError, `chat: ${model} is raised`)
    const response = await client.responses.create({ model, input: 'Hello there', stream: true })
    t.ok(await rejection(drain(response)) instanceof OpenAI.APIError, `responses: ${model} is raised`)
  }

  const stream = await client.chat.completions.create({ model: 'demo-infinite', messages: hello, stream: true })
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
  const endless = demo.requests.find(request => request.model === 'demo-infinite')
  t.ok(endless)
  if (endless !== undefined) t.equal((await demo.recorder.ended(endless)).ending, 'aborted', 'leaving the loop cancels the upstream')
}

async function drain (stream: AsyncIterable<unknown>): Promise<void> {
  for await (const event of stream) void event
}
