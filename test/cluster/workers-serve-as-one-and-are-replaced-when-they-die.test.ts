import t from 'tap'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'
import { scrape } from '../helpers/scrape.ts'
import { until } from '../helpers/until.ts'
import { post, startCluster, statusesOf, workersOf } from './cluster.ts'

t.test('two workers: requests, limits, metrics, live view and the admin API are of both; one may die', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const running = await startCluster(t, {
    yaml: 'drain: { delay: 100ms }\nprojects: { default: { limits: { "*": { requests_per_day: 40 } } } }',
    env: { AIMLAPI_API_KEY: 'upstream-key', AIMLAPI_BASE_URL: provider.url }
  })
  const { gateway, operatorUrl } = running
  const counted = async (): Promise<number | null> => (await scrape(operatorUrl)).value('tollgate_requests_total', { status: '2xx' })
  const admin = async (path: string): Promise<Response> => await fetch(operatorUrl + path, { headers: { authorization: `Bearer ${gateway.adminKey}`, connection: 'close' } })
  t.equal(gateway.lines.filter(line => line.includes('"listening"')).length, 1)

  t.same(await statusesOf(running, 20, chat()), Array(20).fill(200))
  t.equal(new Set(provider.requests.map(({ socket }) => socket)).size, 2, 'each worker has a connection to the provider')
  for (let times = 0; times < 4; times++) t.equal(await counted(), 20, 'whichever worker is asked')
  for (let times = 0; times < 2; times++) {
    t.match(await (await admin('/v1/organization/projects')).json(), { data: [{ id: 'proj_default' }] })
    const live = (await admin('/v1/tollgate/requests')).body?.getReader()
    const event = new TextDecoder().decode((await live?.read())?.value)
    await live?.cancel()
    t.match(event, /^id: [0-9a-f]{8}-10\.[0-9a-f]{8}-10\n/)
    const { ended } = JSON.parse(event.split('data: ')[1] ?? '') as { readonly ended: readonly { readonly request_id: string }[] }
    t.equal(ended.length, 20)
    for (const { request_id: id } of ended.slice(-4)) t.match(await (await admin(`/v1/tollgate/requests/${id}`)).json(), { rows: [{ kind: 'settled' }], seen: { status: 200 } })
  }

  const [victim = 0, other] = workersOf(running)
  process.kill(victim, 'SIGKILL')
  t.match(await gateway.line(({ msg }) => msg === 'a worker died; another takes its place'), { pid: victim, signal: 'SIGKILL', pause_ms: 100 })
  t.same(await statusesOf(running, 5, chat()), Array(5).fill(200), 'the other goes on')
  t.equal(await counted(), 25, 'what the dead one had counted stays in the sum')
  await until(() => workersOf(running).length === 2)
  t.ok(workersOf(running).includes(other ?? 0))
  await until(async () => (await post(running, chat()).then(async response => await response.text())).includes('limit'))
  t.equal(await counted(), 40, 'the limit is one for all, those that died and those that came')
  t.equal((await scrape(operatorUrl)).value('tollgate_worker_restarts_total'), 1)

  gateway.child.kill('SIGTERM')
  t.equal(await gateway.exited, 0, gateway.complaints)
})
