import { test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis.ts'
import { tollgate } from './command.ts'

const healthcheck = async (t: Parameters<typeof tollgate>[0], operatorUrl: string) =>
  await tollgate(t, ['healthcheck'], { TOLLGATE_OPERATOR_LISTEN: operatorUrl.replace('http://', '') }, t.testdir())

test('0 when it is ready', async t => {
  const { operatorUrl } = await startGateway(t)
  t.match(await healthcheck(t, operatorUrl), { code: 0, output: /"ready"/ })
})

test('1 when it is not, and when nothing answers', async t => {
  const redis = await startRedis(t)
  await redis.kill()
  const { operatorUrl } = await startGateway(t, { env: { TOLLGATE_STORE: redis.address } })
  t.match(await healthcheck(t, operatorUrl), { code: 1, output: /not reached yet/ })
  t.match(await healthcheck(t, 'http://127.0.0.1:1'), { code: 1, output: /ECONNREFUSED/ })
})
