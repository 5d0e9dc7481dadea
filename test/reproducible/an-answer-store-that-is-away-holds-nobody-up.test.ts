import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { startGateway } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis.ts'

const body = { model: 'gpt-4o', seed: 1, messages: [{ role: 'user', content: 'Hello' }] }

t.test('killed: every request is answered by the upstream, and says why; back again, answers are shared again', async t => {
  const demo = await startDemo(t)
  const redis = await startRedis(t)
  const gateway = await startGateway(t, { upstream: demo.url, env: { TOLLGATE_ANSWERS_STORE: redis.address } })
  await redis.kill()
  for (let n = 0; n < 3; n++) {
    const response = await gateway.fetch('/chat/completions', { body })
    t.equal(response.status, 200)
    t.equal(response.headers.get('x-tollgate-cache'), 'bypass; reason=store-unavailable')
    await response.text()
  }
  await redis.restart()
  let cache: string | null = null
  while (cache !== 'hit') {
    const response = await gateway.fetch('/chat/completions', { body })
    cache = response.headers.get('x-tollgate-cache')
    t.equal(response.status, 200)
    await response.text()
  }
})

t.test('stopped in its tracks: the same', async t => {
  const demo = await startDemo(t)
  const redis = await startRedis(t)
  const gateway = await startGateway(t, { upstream: demo.url, env: { TOLLGATE_ANSWERS_STORE: redis.address } })
  redis.process.kill('SIGSTOP')
  for (let n = 0; n < 3; n++) {
    const response = await gateway.fetch('/chat/completions', { body: { ...body, seed: n } })
    t.equal(response.status, 200)
    t.equal(response.headers.get('x-tollgate-cache'), 'bypass; reason=store-unavailable')
    await response.text()
  }
  redis.process.kill('SIGCONT')
})

t.test('full: answers are not stored, and requests are answered', async t => {
  const demo = await startDemo(t)
  const redis = await startRedis(t, '--maxmemory', '1', '--maxmemory-policy', 'noeviction')
  const gateway = await startGateway(t, { upstream: demo.url, env: { TOLLGATE_ANSWERS_STORE: redis.address } })
  for (let n = 0; n < 3; n++) {
    const response = await gateway.fetch('/chat/completions', { body })
    t.equal(response.status, 200)
    await response.text()
  }
})
