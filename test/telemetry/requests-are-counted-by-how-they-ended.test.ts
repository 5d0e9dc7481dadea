import { test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { chat, chatChunk, completion, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import { scrape } from '../helpers/scrape.ts'
import type { Scrape } from '../helpers/scrape.ts'
import { StreamProbe } from '../helpers/sse.ts'
import { until } from '../helpers/until.ts'

const called = { project: 'proj_default', model: 'other', endpoint: 'chat.completions' }

async function scrapeWhen (gateway: TestGateway, ready: (scrape: Scrape) => boolean): Promise<Scrape> {
  let found: Scrape | null = null
  await until(async () => {
    const now = await scrape(gateway.operatorUrl)
    if (ready(now)) found = now
    return found !== null
  })
  return found as unknown as Scrape
}

test('an answer counts with its tokens, its price and its upstream', async t => {
  const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120, prompt_tokens_details: { cached_tokens: 60 }, completion_tokens_details: { reasoning_tokens: 5 } }
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { ...completion, usage, meta: { usage: { usd_spent: 0.25 } } }) })
  const gateway = await startGateway(t, { upstream: provider.url })
  await (await gateway.fetch('/chat/completions', { body: chat() })).text()
  const metrics = await scrape(gateway.operatorUrl)
  t.equal(metrics.value('tollgate_requests_total', { ...called, status: '2xx' }), 1)
  t.equal(metrics.value('tollgate_tokens_total', { type: 'input' }), 100)
  t.equal(metrics.value('tollgate_tokens_total', { type: 'cached_input' }), 60)
  t.equal(metrics.value('tollgate_tokens_total', { type: 'output' }), 20)
  t.equal(metrics.value('tollgate_tokens_total', { type: 'reasoning' }), 5)
  t.equal(metrics.value('tollgate_cost_usd_total', { project: 'proj_default' }), 0.25)
  t.equal(metrics.value('tollgate_upstream_requests_total', { upstream: 'aimlapi', status: '2xx' }), 1)
  t.equal(metrics.value('tollgate_request_duration_seconds_count', { model: 'other' }), 1)
  t.equal(metrics.value('tollgate_overhead_seconds_count'), 1)
  t.equal(metrics.value('tollgate_time_to_first_token_seconds_count'), null)
  t.equal(metrics.value('tollgate_errors_total'), null)
  t.equal(metrics.value('tollgate_requests_in_flight'), 0)
})

test('a refusal counts under its reason, without a model call', async t => {
  const gateway = await startGateway(t)
  await (await gateway.fetch('/chat/completions', { body: chat(), headers: { authorization: 'Bearer nothing' } })).text()
  await (await gateway.fetch('/chat/completions', { body: '{' })).text()
  const metrics = await scrape(gateway.operatorUrl)
  t.equal(metrics.value('tollgate_requests_total', { project: 'none', status: '4xx' }), 1)
  t.equal(metrics.value('tollgate_errors_total', { project: 'none', error: 'caller_invalid_api_key' }), 1)
  t.equal(metrics.value('tollgate_errors_total', { project: 'proj_default', error: 'caller_invalid_json' }), 1)
  t.equal(metrics.value('tollgate_request_duration_seconds_count'), null)
})

test('a client that leaves counts as 499, and is in flight until then', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('one'))
  })
  const gateway = await startGateway(t, { upstream: provider.url })
  const probe = new StreamProbe(await gateway.fetch('/chat/completions', { body: chat({ stream: true }) }))
  await probe.until('one')
  t.equal((await scrape(gateway.operatorUrl)).value('tollgate_requests_in_flight'), 1)
  await probe.cancel()
  const metrics = await scrapeWhen(gateway, scrape => scrape.value('tollgate_requests_in_flight') === 0)
  t.equal(metrics.value('tollgate_requests_total', { ...called, status: '499' }), 1)
  t.equal(metrics.value('tollgate_usage_missing_total', { upstream: 'aimlapi', reason: 'cancelled' }), 1)
  t.equal(metrics.value('tollgate_time_to_first_token_seconds_count'), 1)
  t.equal(metrics.value('tollgate_errors_total'), null)
})

test('a stream that breaks counts as its error', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('one'))
  })
  const gateway = await startGateway(t, { upstream: provider.url })
  const probe = new StreamProbe(await gateway.fetch('/chat/completions', { body: chat({ stream: true }) }))
  await probe.until('one')
  const { socket } = await provider.request(0)
  socket.destroy()
  await probe.toEnd()
  const metrics = await scrapeWhen(gateway, scrape => scrape.value('tollgate_requests_in_flight') === 0)
  t.equal(metrics.value('tollgate_requests_total', { ...called, status: '5xx' }), 1)
  t.equal(metrics.value('tollgate_errors_total', { error: 'upstream_disconnected' }), 1)
})

test('an upstream that fails is counted, retried and given a pause', async t => {
  let answered = 0
  const provider = await startProvider(t, ({ response, socket }) => {
    if (answered++ === 0) sendJson(response, completion)
    else socket.destroy()
  })
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'breaker: { failures: 2, probe_interval: 1m }' })
  for (let count = 0; count < 3; count++) await (await gateway.fetch('/chat/completions', { body: chat() })).text()
  const metrics = await scrape(gateway.operatorUrl)
  t.equal(metrics.value('tollgate_upstream_requests_total', { status: '2xx' }), 1)
  // The second request meets a connection that has gone stale, which says nothing of the upstream, and is sent again.
  t.equal(metrics.value('tollgate_upstream_requests_total', { status: 'none' }), 3)
  t.equal(metrics.value('tollgate_upstream_retries_total', { reason: 'connection' }), 1)
  t.equal(metrics.value('tollgate_breaker_state', { upstream: 'aimlapi' }), 2)
})

test('what an upstream answers to each key and each model is told apart', async t => {
  const refusing = await startProvider(t, ({ response }) => { sendJson(response, { error: { message: 'slow down' } }, 429) })
  const failing = await startProvider(t, ({ response }) => { sendJson(response, { error: { message: 'oops' } }, 500) })
  const gateway = await startGateway(t, {
    yaml: `
upstreams:
  refusing: { base_url: ${refusing.url}, keys: [{ value: one }, { value: two }] }
  failing: { base_url: ${failing.url}, keys: [{ value: three }] }
models:
  first: { upstream: refusing, fallbacks: [second] }
  second: { upstream: failing }
`
  })
  const response = await gateway.fetch('/chat/completions', { body: chat({ model: 'first' }) })
  await response.text()
  const metrics = await scrape(gateway.operatorUrl)
  t.equal(metrics.value('tollgate_upstream_requests_total', { upstream: 'refusing', status: '429' }), 2)
  t.equal(metrics.value('tollgate_upstream_retries_total', { upstream: 'refusing', reason: 'key' }), 1)
  t.equal(metrics.value('tollgate_upstream_retries_total', { upstream: 'refusing', reason: 'fallback' }), 1)
  t.equal(metrics.value('tollgate_upstream_requests_total', { upstream: 'failing', status: '5xx' }), 1)
  t.equal(metrics.value('tollgate_requests_total', { model: 'first', status: `${Math.floor(response.status / 100)}xx` }), 1)
})
