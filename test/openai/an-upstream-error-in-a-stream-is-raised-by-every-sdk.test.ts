import { test } from 'tap'
import { GatewayError } from '../../src/openai/errors.ts'
import { createStreamReader } from '../../src/openai/stream.ts'
import { cut, fixture, readerOf, relay } from './streams.ts'

const options = { includeUsage: false, maxEventBytes: 1 << 20 }

test('chat: every shape becomes OpenAI\'s, is the end, and is held back like one', async t => {
  const shapes = {
    'chat-error': { message: 'The server had an error while processing your request. Sorry about that!', type: 'server_error', param: null, code: 'upstream_error' },
    'chat-error-and-choices': { message: 'Upstream error from Chutes: Stream failed', type: 'upstream_error', param: null, code: 'upstream_error' },
    'chat-error-aimlapi': { message: 'Ошибка: Something wrong with the server. Please, try again later.', type: 'upstream_error', param: null, code: 'upstream_error' }
  }
  for (const [name, error] of Object.entries(shapes)) {
    for (const lengths of [[1], [65_536]]) {
      const { reader, beforeEnd, released, finished } = relay(readerOf(name), cut(fixture(name), lengths))
      t.ok(fixture(name).toString('latin1').startsWith(beforeEnd), name)
      t.strictSame(JSON.parse(Buffer.from(released, 'latin1').toString().slice(6)), { error }, name)
      t.match(released, /^data: .*\n\n$/, `${name}: no name, no [DONE]`)
      t.equal(finished, '', name)
      t.ok(reader.failed && reader.terminal, name)
    }
  }
})

test('chat: other shapes', async t => {
  for (const [event, error] of [
    ['{"error":"overloaded"}', { message: 'overloaded' }],
    ['{"type":"error","code":"rate_limited","message":"slow down"}', { message: 'slow down', code: 'rate_limited' }],
    ['{"error":{"message":"Invalid value","type":"invalid_request_error","param":"tools[0]","code":"invalid_value"}}', { message: 'Invalid value', type: 'invalid_request_error', param: 'tools[0]', code: 'invalid_value' }],
    ['{"error":{"code":402,"message":"Insufficient credits, see https://provider.example/billing"}}', { code: 'upstream_auth_error', message: /^(?!.*(credits|example)).*account/ }],
    ['{"error":{"message":"Incorrect API key provided: sk-abcdef123456","code":"invalid_api_key"}}', { code: 'upstream_auth_error', message: /^(?!.*sk-)/ }],
    ['{"error":{}}', { message: 'The model provider failed to answer.', code: 'upstream_error' }]
  ] as const) {
    const { released } = relay(createStreamReader('chat.completions', options), [Buffer.from(`data: ${event}\n\n`)])
    t.match(JSON.parse(released.slice(6)).error, error, event)
  }
})

test('chat: an event that is named an error is one, whatever it says', async t => {
  const { reader, released } = relay(createStreamReader('chat.completions', options), [Buffer.from('event: error\ndata: {"detail":"x"}\n\n')])
  t.ok(reader.failed)
  t.match(released, /^data: \{"error":\{"message":"The model provider failed to answer\."/)
})

test('an error that only lacks its blank line is one', async t => {
  for (const name of ['chat-error-aimlapi', 'responses-error']) {
    const { reader, finished } = relay(readerOf(name), [fixture(name).subarray(0, -2)])
    t.match(finished, /^(event: error\n)?data: .*"error":.*\n\n$/, name)
    t.ok(reader.failed, name)
  }
})

test('chat: an error that is null is none', async t => {
  const stream = fixture('chat-plain').toString().replaceAll('"usage":null', '"error":null,"usage":null')
  const { reader } = relay(readerOf('chat-plain'), [Buffer.from(stream)])
  t.notOk(reader.failed)
  t.equal(reader.outputBytes, 57)
})

test('responses: flat and nested at once, numbered on', async t => {
  const shapes = { 'responses-error': 'The model is overloaded.', 'responses-error-aimlapi': 'Internal server error' }
  for (const [name, message] of Object.entries(shapes)) {
    const { reader, released, finished } = relay(readerOf(name), [fixture(name)])
    const code = name === 'responses-error' ? 'server_error' : 'upstream_error'
    t.match(released, /^event: error\ndata: .*\n\n$/)
    t.strictSame(JSON.parse(released.split('data: ')[1] ?? ''), {
      type: 'error', sequence_number: 8, message, param: null, code, error: { message, param: null, code, type: 'upstream_error' }
    }, name)
    t.equal(finished, '', name)
    t.ok(reader.failed, name)
  }
})

test('responses: a failed response passes as it is', async t => {
  const { reader, all } = relay(readerOf('responses-failed'), [fixture('responses-failed')])
  t.equal(all, fixture('responses-failed').toString('latin1'))
  t.ok(reader.failed)
  t.match(reader.error, { code: 'upstream_error', message: 'The model failed to generate a response.', publicCode: 'server_error' })
})

test('the gateway\'s own failures have the same two shapes', async t => {
  const error = new GatewayError('upstream_disconnected')
  const body = { message: error.message, type: 'upstream_error', param: null, code: 'upstream_disconnected' }
  t.equal(readerOf('chat-plain').failure(error).toString(), `data: ${JSON.stringify({ error: body })}\n\n`)

  const reader = readerOf('responses-cut')
  t.match(eventOf(reader.failure(error)), { sequence_number: 0 }, 'before any event')
  reader.push(fixture('responses-cut'))
  t.strictSame(eventOf(reader.failure(error)), { ...body, type: 'error', sequence_number: 11, error: body })
})

function eventOf (bytes: Buffer): Record<string, unknown> {
  const [name, data] = bytes.toString().split('\n') as [string, string]
  return name === 'event: error' ? JSON.parse(data.slice(6)) : {}
}
