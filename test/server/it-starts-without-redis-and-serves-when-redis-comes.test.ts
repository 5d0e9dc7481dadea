import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { startGateway } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis.ts'

const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] }

t.test('alive but not ready, no request let in and none refused as unauthorized; then everything works', async t => {
  const demo = await startDemo(t)
  const redis = await startRedis(t)
  await redis.kill()
  const gateway = await startGateway(t, { upstream: demo.url, env: { TOLLGATE_STORE: redis.address } })
  t.equal((await fetch(`${gateway.operatorUrl}/livez`)).status, 200)
  const unready = await fetch(`${gateway.operatorUrl}/readyz`)
  t.equal(unready.status, 503)
  t.match(await unready.json(), { checks: { store: 'not reached yet' } })
  const early = await gateway.fetch('/chat/completions', { body })
  t.equal(early.status, 503)
  t.match(await early.json(), { error: { code: 'auth_unavailable' } })
  t.equal(demo.requests.length, 0)

  await redis.restart()
  await gateway.server.bootstrapped
  t.equal((await fetch(`${gateway.operatorUrl}/readyz`)).status, 200)
  let status = 0
  while (status !== 200) status = (await gateway.fetch('/chat/completions', { body })).status
  t.equal(status, 200)
})
