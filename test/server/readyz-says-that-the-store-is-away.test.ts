import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { startGateway } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'

t.test('also while nobody asks for anything, and serves on', async t => {
  const demo = await startDemo(t)
  const redis = await startRedis(t)
  const gateway = await startGateway(t, { upstream: demo.url, env: { TOLLGATE_STORE: redis.address } })
  const store = async (): Promise<unknown> => {
    const answer = await fetch(`${gateway.operatorUrl}/readyz`)
    t.equal(answer.status, 200, 'an outage of the store takes no replica away')
    return (await answer.json() as { readonly checks: { readonly store: unknown } }).checks.store
  }
  t.equal(await store(), 'ok')
  await redis.kill()
  await until(async () => await store() === 'away')
  await redis.restart()
  await until(async () => await store() !== 'away')
})
