import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis.ts'

const body = { model: 'demo-slow-start-300', seed: 1, messages: [{ role: 'user', content: 'Hello' }] }

t.test('200 at once over three replicas: one call, all answered alike', async t => {
  const demo = await startDemo(t)
  const redis = await startRedis(t)
  const replicas: TestGateway[] = []
  for (let n = 0; n < 3; n++) replicas.push(await startGateway(t, { upstream: demo.url, env: { TOLLGATE_ANSWERS_STORE: redis.address } }))
  const responses = await Promise.all(Array.from({ length: 200 }, async (_, n) => {
    const gateway = replicas[n % 3] as TestGateway
    const response = await gateway.fetch('/chat/completions', { body })
    return { status: response.status, cache: response.headers.get('x-tollgate-cache'), text: await response.text() }
  }))
  t.equal(demo.requests.length, 1)
  t.ok(responses.every(({ status, text }) => status === 200 && text === responses[0]?.text))
  t.equal(responses.filter(({ cache }) => cache === 'hit').length, 199)
  t.equal(responses.filter(({ cache }) => cache === 'miss').length, 1)
})

t.test('a leader that fails does not spread its failure', async t => {
  const demo = await startDemo(t)
  const gateway = await startGateway(t, { upstream: demo.url })
  const responses = await Promise.all(Array.from({ length: 5 }, async () => await gateway.fetch('/chat/completions', { body: { ...body, model: 'demo-flaky-1' } })))
  const statuses = responses.map(({ status }) => status)
  t.equal(statuses.filter(status => status === 503).length + statuses.filter(status => status === 200).length, 5)
  t.ok(statuses.includes(200), 'those who waited made their own calls')
})

t.test('a leader whose client leaves hands over', async t => {
  const demo = await startDemo(t)
  const gateway = await startGateway(t, { upstream: demo.url })
  const leaving = new AbortController()
  const first = gateway.fetch('/chat/completions', { body, signal: leaving.signal }).catch(() => null)
  while (demo.requests.length === 0) await new Promise(resolve => demo.recorder.once('request', resolve))
  const second = gateway.fetch('/chat/completions', { body })
  leaving.abort()
  await first
  t.equal((await second).status, 200)
  t.equal(demo.requests.length, 2)
})
