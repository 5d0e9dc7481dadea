import fc from 'fast-check'
import t from 'tap'
import { AnswerRecorder } from '../../src/answers/recorder.ts'
import type { Recording, Refusal } from '../../src/answers/recorder.ts'
import type { Call } from '../../src/openai/call.ts'
import { JsonBody } from '../../src/openai/json-body.ts'
import { replay } from '../../src/openai/replay.ts'
import { createStreamReader } from '../../src/openai/stream.ts'
import { chatCompletions, responses } from '../helpers/arbitrary-answers.ts'
import { callOf } from './call-of.ts'

const target = { upstream: 'aimlapi', model: 'gpt-4o' }
const maxBytes = 10_000
const chat = callOf('chat.completions', { seed: 1 })
const capped = callOf('chat.completions', { seed: 1, max_tokens: 5 })
const response = callOf('responses', { store: false })
const cappedResponse = callOf('responses', { store: false, max_output_tokens: 16 })

function judge (call: Call, body: string | object, { complete = true, answeredBy = target } = {}): Recording {
  const recorder = new AnswerRecorder(call, target, maxBytes)
  recorder.json(new JsonBody(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))))
  return recorder.finish(complete, answeredBy)
}

function stream (recorder: AnswerRecorder, { endpoint }: Call, chunks: readonly Buffer[]): void {
  const reader = createStreamReader(endpoint, { includeUsage: true, maxEventBytes: 1 << 20, onEvent: event => { recorder.event(event) } })
  for (const chunk of chunks) reader.push(chunk)
  reader.finish()
}

function completion (choice: object, others: object = {}): object {
  return { id: 'c', object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop', ...choice }], ...others }
}

const refused: ReadonlyArray<readonly [Refusal, string, Call, string | object]> = [
  ['error', 'an error beside choices', chat, completion({}, { error: { message: 'x' } })],
  ['error', 'a failed response', response, { status: 'failed', error: { code: 'server_error' }, output: [] }],
  ['unfinished', 'a choice without a finish', chat, completion({ finish_reason: null })],
  ['unfinished', 'a finish that nobody knows', chat, completion({ finish_reason: 'error' })],
  ['unfinished', 'no choices', chat, { choices: [] }],
  ['unfinished', 'another object', chat, {}],
  ['unfinished', 'fewer choices than asked for', callOf('chat.completions', { seed: 1, n: 2 }), completion({})],
  ['unfinished', 'a response in progress', response, { status: 'in_progress', output: [] }],
  ['unfinished', 'a response without a status', response, { output: [] }],
  ['content-filter', 'a filtered choice', chat, completion({ finish_reason: 'content_filter' })],
  ['content-filter', 'a filtered response', cappedResponse, { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }],
  ['truncated', 'a cut that the caller did not ask for', chat, completion({ finish_reason: 'length' })],
  ['truncated', 'a cut response that the caller did not ask for', response, { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }],
  ['truncated', 'a response cut for an unknown reason', cappedResponse, { status: 'incomplete' }],
  ['audio', 'audio', chat, completion({ message: { role: 'assistant', audio: { id: 'a', data: 'AA' } } })],
  ['malformed', 'half a body', chat, '{"choices":['],
  ['malformed', 'no object', chat, '[]'],
  ['too-large', 'more than the bound', chat, completion({ message: { content: 'x'.repeat(maxBytes) } })]
]

for (const [reason, what, call, body] of refused) {
  t.test(`${reason}: ${what}`, async t => { t.strictSame(judge(call, body), { storable: false, reason }) })
}

t.test('the last choice counts as the first', async t => {
  const choices = [{ index: 0, message: {}, finish_reason: 'stop' }, { index: 1, message: {}, finish_reason: 'content_filter' }]
  t.strictSame(judge(chat, { choices }), { storable: false, reason: 'content-filter' })
})

t.test('a cut at the caller\'s own cap is the answer to that call', async t => {
  t.equal(judge(capped, completion({ finish_reason: 'length' })).storable, true)
  t.equal(judge(cappedResponse, { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }).storable, true)
})

t.test('what did not come to its end is not stored', async t => {
  t.strictSame(judge(chat, completion({}), { complete: false }), { storable: false, reason: 'incomplete' })
})

t.test('what another model or upstream answered is not stored under the first one\'s name', async t => {
  for (const other of [{ upstream: 'openai' }, { model: 'gpt-4o-mini' }]) {
    t.strictSame(judge(chat, completion({}), { answeredBy: { ...target, ...other } }), { storable: false, reason: 'fallback' })
  }
})

t.test('a JSON answer is stored byte for byte', async t => {
  const body = ' {"choices" : [{"finish_reason":"stop","logprob":-1.50}],\n"x":1e2}'
  t.strictSame(judge(chat, body), { storable: true, body: Buffer.from(body) })
})

for (const [call, answers] of [[chat, chatCompletions], [response, responses]] as const) {
  t.test(`${call.endpoint}: a streamed answer is stored as the object that it stands for`, async t => {
    fc.assert(fc.property(answers, answer => {
      const recorder = new AnswerRecorder(call, target, 1_000_000)
      stream(recorder, call, [replay(call.endpoint, Buffer.from(JSON.stringify(answer)), true)])
      const recording = recorder.finish(true, target)
      t.equal(recording.storable, true)
      if (recording.storable) t.strictSame(JSON.parse(String(recording.body)), JSON.parse(JSON.stringify(answer)))
    }), { numRuns: 50 })
  })
}

t.test('a stream that cannot be understood is not stored', async t => {
  const streams: ReadonlyArray<readonly [Refusal, string]> = [
    ['malformed', ''],
    ['malformed', ': nothing\n\n'],
    ['malformed', 'data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]\n\n'],
    ['unfinished', 'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\ndata: [DONE]\n\n'],
    ['error', 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: {"error":{"message":"x"}}\n\n'],
    ['too-large', `data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(maxBytes)}"},"finish_reason":"stop"}]}\n\n`]
  ]
  for (const [reason, bytes] of streams) {
    const recorder = new AnswerRecorder(chat, target, maxBytes)
    stream(recorder, chat, [Buffer.from(bytes)])
    t.strictSame(recorder.finish(true, target), { storable: false, reason }, bytes.slice(0, 80))
  }
})

t.test('a stream without end is not kept', async t => {
  const recorder = new AnswerRecorder(chat, target, maxBytes)
  const event = Buffer.from(`data: {"choices":[{"index":0,"delta":{"content":"${'x'.repeat(200)}"}}]}\n\n`)
  const finish = Buffer.from('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n')
  stream(recorder, chat, [...Array.from({ length: 5000 }, () => event), finish])
  t.strictSame(recorder.finish(true, target), { storable: false, reason: 'malformed' })
})
