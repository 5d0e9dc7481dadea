import t from 'tap'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'
import { rateLimit, setProject, startPublicListener } from '../helpers/public-listener.ts'
import { resilientScene, rowsOf } from '../stores/resilient-scene.ts'
import { until } from '../helpers/until.ts'

// Its bytes alone make the prompt too large; it would be counted, and asked for again.
const large = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'international '.repeat(250) }] }

t.test('what Redis may have let in, and the replica refuses, is voided and not asked for again', async t => {
  const { redis, ledger, client } = await resilientScene(t)
  const look = client()
  await ledger.ready()
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startPublicListener(t, { upstream: provider.url, ledger })
  await setProject(gateway, { rateLimits: [rateLimit({ tokensPerMinute: 1000 })], settings: { answers: 'off', failureMode: 'local' } })
  t.equal((await gateway.post('/chat/completions', chat({ max_tokens: 5 }))).status, 200)

  redis.process.kill('SIGSTOP')
  const refused = await gateway.post('/chat/completions', large)
  t.equal(refused.status, 429)
  t.equal(refused.headers.get('x-tollgate-degraded'), 'metering')
  t.match(await refused.json(), { error: { code: 'rate_limit_exceeded' } })
  t.equal(provider.requests.length, 1)

  redis.process.kill('SIGCONT')
  await until(() => ledger.health().spooled === 0)
  t.equal(await look.hlen('tg:{proj_default}:open'), 0)
  t.same((await rowsOf(ledger, 'proj_default')).map(({ kind }) => kind).filter(kind => kind !== 'void'), ['settled'])
})
