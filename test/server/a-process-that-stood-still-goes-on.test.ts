import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import { rowsIn } from '../helpers/ledger-rows.ts'
import { chat, chatChunk, completion, finishChunk, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import { startRedis } from '../helpers/redis.ts'
import { scrape } from '../helpers/scrape.ts'
import { StreamProbe } from '../helpers/sse.ts'
import { until } from '../helpers/until.ts'

/** ms; leases last 30 s. */
const stall = 2_000
const waiting = 10
/** Of the event loop, on average over half a second with the stall in it, seconds: more than 0.05 wherever in it the stall begins. */
const noticed = 0.05

t.test('two seconds without a CPU: nothing is lost, no lease runs out, and it sheds until it has caught up', async t => {
  const provider = await startProvider(t, ({ body, response }) => {
    if (!body.includes('"stream":true')) sendJson(response, completion)
    else openStream(response)
  })
  const redis = await startRedis(t, '--appendonly', 'yes')
  const folder = t.testdir()
  const env = { AIMLAPI_API_KEY: 'upstream-key', AIMLAPI_BASE_URL: provider.url, TOLLGATE_STORE: redis.address }
  const yaml = 'drain: { delay: 0ms }'
  const stopped = await startGatewayProcess(t, { yaml, env })
  const other = await startGatewayProcess(t, { yaml, env })
  const post = async (body: unknown): Promise<Response> => await fetch(`${stopped.publicUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stopped.gateway.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  const served = async (): Promise<boolean> => await post(chat()).then(async response => await response.text() !== '' && response.status === 200)
  await until(served)
  const streaming = post(chat({ stream: true }))
  const { response } = await provider.request(provider.requests.length)
  response.write(chatChunk('one'))
  const probe = new StreamProbe(await streaming)
  await probe.until('one')
  await scrape(stopped.operatorUrl)

  const { child } = stopped.gateway
  child.kill('SIGSTOP')
  const during = Array.from({ length: waiting }, async () => {
    const response = await post(chat())
    return { status: response.status, body: await response.json() as object }
  })
  await sleep(stall)
  child.kill('SIGCONT')
  const ready = fetch(`${stopped.operatorUrl}/readyz`, { signal: AbortSignal.timeout(1_000) })
  await until(async () => (await scrape(stopped.operatorUrl)).value('tollgate_event_loop_delay_seconds') as number > noticed)
  t.equal((await ready).status, 200, 'the probes are answered within a second')

  for (const { status, body } of await Promise.all(during)) {
    if (status !== 200) t.match({ status, body }, { status: 503, body: { error: { code: 'overloaded' } } })
  }
  await until(served)
  response.end(`${chatChunk('two')}${finishChunk}data: [DONE]\n\n`)
  t.match(await probe.toEnd(), /"two".*\[DONE\]\n\n$/s)

  const sum = (await Promise.all([stopped, other].map(async ({ operatorUrl }) => (await scrape(operatorUrl)).value('tollgate_reaped_reservations_total') ?? 0))).reduce((a, b) => a + b)
  t.equal(sum, 0, 'nobody took it for dead')
  for (const { gateway } of [stopped, other]) gateway.child.kill('SIGTERM')
  t.same([await stopped.gateway.exited, await other.gateway.exited], [0, 0])
  const rows = await rowsIn(redis.address, folder)
  t.same(new Set(rows.map(({ kind }) => kind)), new Set(['settled']))
  t.equal(rows.length, provider.requests.length, 'a row for each request that was sent upstream')
})
