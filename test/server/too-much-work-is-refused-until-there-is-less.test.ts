import { test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { chat, chatChunk, finishChunk, openStream, startProvider } from '../helpers/provider.ts'
import { scrape } from '../helpers/scrape.ts'
import { StreamProbe } from '../helpers/sse.ts'
import { until } from '../helpers/until.ts'

async function statusOf (gateway: TestGateway): Promise<number> {
  const response = await gateway.fetch('/nowhere')
  await response.text()
  return response.status
}

/** What a blocked event loop looks like from within. */
function stall (ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

test('above the bound of requests in flight: 503, until one has ended', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('one'))
  })
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'overload: { max_in_flight: 1 }' })
  const probe = new StreamProbe(await gateway.fetch('/chat/completions', { body: chat({ stream: true }) }))
  await probe.until('one')

  const shed = await gateway.fetch('/nowhere')
  t.equal(shed.status, 503)
  t.equal(shed.headers.get('retry-after'), '1')
  t.match(await shed.json(), { error: { code: 'overloaded', type: 'server_error' } })
  const metrics = await scrape(gateway.operatorUrl)
  t.equal(metrics.value('tollgate_errors_total', { error: 'gateway_overloaded' }), 1, 'the operator listener still answers')

  const { response } = await provider.request(0)
  response.end(`${finishChunk}data: [DONE]\n\n`)
  t.match(await probe.toEnd(), '[DONE]')
  await until(async () => await statusOf(gateway) === 404)
})

test('after a stall: 503, and then as before', async t => {
  const gateway = await startGateway(t, { yaml: 'overload: { max_loop_delay: 10ms }' })
  await until(async () => await statusOf(gateway) === 404)
  await until(async () => {
    stall(400)
    return await statusOf(gateway) === 503
  })
  const metrics = await scrape(gateway.operatorUrl)
  t.ok((metrics.value('tollgate_event_loop_delay_seconds') ?? 0) > 0.01)
  await until(async () => await statusOf(gateway) === 404)
})

test('requests in flight outlive a stall', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('one'))
  })
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'overload: { max_loop_delay: 10ms }' })
  const probe = new StreamProbe(await gateway.fetch('/chat/completions', { body: chat({ stream: true }) }))
  await probe.until('one')
  stall(400)
  const { response } = await provider.request(0)
  response.end(`${chatChunk('two')}${finishChunk}data: [DONE]\n\n`)
  t.match(await probe.toEnd(), /"two".*\[DONE\]/s)
})
