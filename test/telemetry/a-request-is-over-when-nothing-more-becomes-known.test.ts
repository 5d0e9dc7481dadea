import { EventEmitter, once } from 'node:events'
import { test } from 'tap'
import { GatewayError } from '../../src/openai/errors.ts'
import { RequestFacts } from '../../src/telemetry/request-facts.ts'
import type { Outcome } from '../../src/upstream/exchange.ts'

const outcome: Outcome = {
  result: 'complete',
  error: null,
  upstream: 'demo',
  upstreamModel: null,
  usage: null,
  outputBytes: 0,
  answerId: null,
  dispatched: true,
  attempts: 1,
  firstByteMs: 1,
  firstTokenMs: null,
  upstreamMs: 2
}

const facts = () => new RequestFacts('req_1', 'POST', '/v1/chat/completions')

test('a request that no upstream was asked for is over when its response is', async t => {
  let over = 0
  const request = facts()
  request.close(401, true, new GatewayError('invalid_api_key'), () => { over++ })
  t.equal(over, 1)
  t.match(request, { status: 401, left: false, statusClass: '4xx', error: { code: 'invalid_api_key' } })
})

test('an answered request is over when its response is', async t => {
  let over = 0
  const request = facts()
  request.onStart()
  request.onEnd(outcome)
  t.equal(over, 0)
  request.close(200, true, null, () => { over++ })
  t.equal(over, 1)
  t.match(request, { statusClass: '2xx', left: false, error: null })
})

test('an exchange that outlasts its response is waited for, and so are the other taps', async t => {
  const events = new EventEmitter()
  const request = facts()
  request.onStart()
  request.close(200, false, null, () => { events.emit('over', request.costNanoUsd) })
  const over = once(events, 'over')
  request.onEnd({ ...outcome, result: 'cancelled' })
  request.costNanoUsd = 42
  t.same(await over, [42])
  t.match(request, { statusClass: '499', left: true })
})

test('a client that closes after the last event has not left', async t => {
  const request = facts()
  request.onStart()
  request.onEnd(outcome)
  request.close(200, false, null, () => {})
  t.equal(request.left, false)
})

test('a stream that broke after its 200 counts as its error', async t => {
  const request = facts()
  request.onStart()
  request.onEnd({ ...outcome, result: 'failed', error: new GatewayError('upstream_timeout') })
  request.close(200, true, null, () => {})
  t.match(request, { status: 200, statusClass: '5xx', error: { code: 'upstream_timeout' } })
})
