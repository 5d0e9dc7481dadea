import t from 'tap'
import { mintKey } from '../../src/keys/key.ts'
import { startDemo } from '../helpers/demo.ts'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import { startRedis } from '../helpers/redis.ts'

const body = JSON.stringify({ model: 'demo-slow-start-1500', seed: 1, messages: [{ role: 'user', content: 'Hello' }] })

t.test('those who wait on another replica are answered by one call of that one', async t => {
  const demo = await startDemo(t)
  const redis = await startRedis(t)
  const key = mintKey().token
  const env = { TOLLGATE_ANSWERS_STORE: redis.address, TOLLGATE_BOOTSTRAP_KEY: key, AIMLAPI_BASE_URL: demo.url, AIMLAPI_API_KEY: 'k' }
  const yaml = 'answers: { lease: 1s }'
  const leader = await startGatewayProcess(t, { env, yaml })
  const other = await startGatewayProcess(t, { env, yaml })
  const ask = async (url: string): Promise<{ status: number, cache: string | null, text: string }> => {
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body })
    return { status: response.status, cache: response.headers.get('x-tollgate-cache'), text: await response.text() }
  }

  const lost = ask(leader.publicUrl).catch(() => null)
  while (demo.requests.length === 0) await new Promise(resolve => demo.recorder.once('request', resolve))
  const waiting = Array.from({ length: 20 }, async () => await ask(other.publicUrl))
  leader.gateway.child.kill('SIGKILL')
  t.equal(await lost, null)
  const answers = await Promise.all(waiting)
  t.ok(answers.every(({ status, text }) => status === 200 && text === answers[0]?.text))
  t.equal(answers.filter(({ cache }) => cache === 'miss').length, 1)
  t.equal(answers.filter(({ cache }) => cache === 'hit').length, 19)
  t.equal(demo.requests.length, 2)
})
