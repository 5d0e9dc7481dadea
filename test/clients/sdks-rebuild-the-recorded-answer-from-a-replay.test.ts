import { createOpenAI } from '@ai-sdk/openai'
import { ChatOpenAI } from '@langchain/openai'
import { streamText } from 'ai'
import fc from 'fast-check'
import OpenAI4 from 'openai-4'
import OpenAI5 from 'openai-5'
import OpenAI6 from 'openai-6'
import OpenAI from 'openai'
import t from 'tap'
import type { Test } from 'tap'
import { commonCompletions, commonResponses } from '../helpers/arbitrary-answers.ts'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { sendJson, startProvider } from '../helpers/provider.ts'
import type { OpenAIConstructor } from './openai-node.ts'

const runs = { numRuns: 25 }
const versions = { 4: OpenAI4, 5: OpenAI5, 6: OpenAI6, 7: OpenAI } as unknown as Record<string, OpenAIConstructor>

type Json = Record<string, unknown>

interface Recorded {
  readonly gateway: TestGateway
  /** Has the gateway record an answer; what asks for it afterwards gets a hit. */
  record (path: string, body: Json, answer: Json): Promise<void>
}

/** A gateway before a provider that answers what it is told to. */
async function startRecorder (t: Test): Promise<Recorded> {
  let next: Json = {}
  const provider = await startProvider(t, ({ response }) => { sendJson(response, next) })
  const gateway = await startGateway(t, { upstream: provider.url })
  return {
    gateway,
    async record (path, body, answer) {
      next = answer
      const headers = { 'x-tollgate-cache': 'reproducible' }
      await (await gateway.fetch(path, { body, headers })).text()
      const replayed = await gateway.fetch(path, { body, headers })
      t.equal(replayed.headers.get('x-tollgate-cache'), 'hit')
      t.equal(await replayed.text(), JSON.stringify(answer), 'as JSON, the recorded bytes')
    }
  }
}

let count = 0
const messages = (): Array<{ role: 'user', content: string }> => [{ role: 'user', content: `question ${++count}` }]

for (const [version, SDK] of Object.entries(versions)) {
  t.test(`openai ${version}: chat completions`, async t => {
    const { gateway, record } = await startRecorder(t)
    const client = new SDK({ baseURL: gateway.baseUrl, apiKey: gateway.key, maxRetries: 0 })
    const chat = version === '4' ? (client as unknown as { beta: { chat: typeof client.chat } }).beta.chat : client.chat
    await fc.assert(fc.asyncProperty(commonCompletions, async answer => {
      const choices = answer['choices'] as Json[]
      const body = { model: 'm', seed: 1, n: choices.length, messages: messages() }
      await record('/chat/completions', body, answer)
      const rebuilt = await chat.completions.stream({ ...body, stream: true, stream_options: { include_usage: true } }).finalChatCompletion()
      t.match(plain(rebuilt), { id: answer['id'], created: answer['created'], model: answer['model'], usage: answer['usage'] as Json })
      t.same(rebuilt.choices.map(essence), choices.map(essence))
    }), runs)
  })

  t.test(`openai ${version}: responses`, async t => {
    const { gateway, record } = await startRecorder(t)
    const client = new SDK({ baseURL: gateway.baseUrl, apiKey: gateway.key, maxRetries: 0, defaultHeaders: { 'x-tollgate-cache': 'reproducible' } })
    await fc.assert(fc.asyncProperty(commonResponses, async answer => {
      const body = { model: 'm', store: false, input: messages() }
      await record('/responses', body, answer)
      const rebuilt = await client.responses.stream({ ...body, stream: true }).finalResponse()
      t.match(plain(rebuilt), plain({ id: answer['id'], status: 'completed', usage: answer['usage'], output: answer['output'] }))
    }), runs)
  })
}

t.test('AI SDK: text, tool calls and finish reason', async t => {
  const { gateway, record } = await startRecorder(t)
  const openai = createOpenAI({ baseURL: gateway.baseUrl, apiKey: gateway.key })
  await fc.assert(fc.asyncProperty(commonCompletions, async answer => {
    const [choice] = answer['choices'] as [Choice]
    const prompt = `question ${++count}`
    const whole = { ...answer, choices: [choice] }
    await record('/chat/completions', { model: 'm', seed: 1, messages: [{ role: 'user', content: prompt }] }, whole)
    const stream = streamText({ model: openai.chat('m'), prompt, seed: 1, maxRetries: 0, onError: () => {} })
    t.equal(await stream.text, choice.message.content ?? choice.message.refusal ?? '', 'this SDK shows a refusal as text')
    t.same((await stream.toolCalls).map(({ toolCallId }) => toolCallId), (choice.message.tool_calls ?? []).map(({ id }) => id))
  }), runs)
})

t.test('LangChain: text and tool calls', async t => {
  const { gateway, record } = await startRecorder(t)
  const model = new ChatOpenAI({ model: 'm', apiKey: gateway.key, maxRetries: 0, modelKwargs: { seed: 1 }, configuration: { baseURL: gateway.baseUrl } })
  await fc.assert(fc.asyncProperty(commonCompletions, async answer => {
    const [choice] = answer['choices'] as [Choice]
    const prompt = `question ${++count}`
    await record('/chat/completions', { model: 'm', seed: 1, messages: [{ role: 'user', content: prompt }] }, { ...answer, choices: [choice] })
    let text = ''
    const calls = new Set<string>()
    for await (const chunk of await model.stream(prompt)) {
      text += chunk.text
      for (const { id } of chunk.tool_call_chunks ?? []) if (id !== undefined) calls.add(id)
    }
    t.equal(text, choice.message.content ?? '')
    t.same([...calls], (choice.message.tool_calls ?? []).map(({ id }) => id))
  }), runs)
})

interface Choice {
  readonly message: { readonly content: string | null, readonly refusal?: string | null, readonly tool_calls?: Array<{ readonly id: string }> }
}

/** What a choice says. The SDKs add members of their own, and leave out empty ones. */
function essence (choice: unknown): Json {
  const { index, finish_reason: finishReason, message } = plain(choice) as { index: number, finish_reason: string, message: Json }
  const calls = (message['tool_calls'] as Json[] | undefined) ?? []
  return {
    index,
    finishReason,
    content: message['content'] ?? null,
    refusal: message['refusal'] ?? null,
    calls: calls.map(({ id, type, function: called }) => ({ id, type, name: (called as Json)['name'], arguments: (called as Json)['arguments'] }))
  }
}

function plain (value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}
