import { Redis } from 'ioredis'
import t from 'tap'
import type { Test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { mintKey } from '../../src/keys/key.ts'
import { completion, sendJson, startProvider } from '../helpers/provider.ts'
import { startRedis } from '../helpers/redis.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'

const max = 5
const yaml = `{trust_proxy: [127.0.0.1], door: {max: ${max}, window: 60s}, projects: {default: {failure_mode: local}}}`
const { token: key } = mintKey()
const [stranger, neighbour, other] = ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '2001:db8:0:2::1']

interface Replicas {
  readonly redis: TestRedis
  readonly one: TestGateway
  readonly another: TestGateway
}

async function startReplicas (t: Test): Promise<Replicas> {
  const redis = await startRedis(t)
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const start = async (): Promise<TestGateway> => await startGateway(t, { upstream: provider.url, yaml, env: { TOLLGATE_STORE: redis.address, TOLLGATE_BOOTSTRAP_KEY: key } })
  return { redis, one: await start(), another: await start() }
}

async function ask (gateway: TestGateway, token: string, address: string): Promise<number> {
  const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] }
  const response = await gateway.fetch('/chat/completions', { body, headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': address } })
  await response.text()
  return response.status
}

async function flood (t: Test, gateway: TestGateway): Promise<void> {
  for (let refused = 0; refused <= max; refused++) t.equal(await ask(gateway, 'nonsense', stranger), 401)
  t.equal(await ask(gateway, 'nonsense', stranger), 429)
}

t.test('to that stranger only, and its whole /64', async t => {
  const { redis, one, another } = await startReplicas(t)
  t.equal(await ask(another, key, stranger), 200, 'good before')
  await flood(t, one)
  t.equal(await ask(another, 'nonsense', neighbour), 401, 'which tells this replica of the others')
  const client = new Redis(redis.port)
  t.teardown(() => { client.disconnect() })
  const counted = async (): Promise<number> => Number(await client.get((await client.keys('tg:count:public:*'))[0] ?? ''))
  await until(async () => await counted() === max + 2)
  let more = 0
  await until(async () => await ask(another, 'nonsense', neighbour) === 429 || ++more === max)
  t.ok(more < max - 1, 'before it has counted so many itself')
  t.equal(await ask(another, mintKey().token, stranger), 429)
  t.equal(await ask(another, key, stranger), 200)
  t.equal(await ask(another, 'nonsense', other), 401)
  t.equal(await ask(another, key, other), 200)
})

t.test('without Redis each counts for itself, and everyone with a good key passes', async t => {
  const { redis, one, another } = await startReplicas(t)
  for (const gateway of [one, another]) t.equal(await ask(gateway, key, stranger), 200)
  await redis.kill()
  await flood(t, one)
  t.equal(await ask(another, 'nonsense', stranger), 401)
  for (const gateway of [one, another]) {
    for (let times = 0; times <= max; times++) t.equal(await ask(gateway, key, stranger), 200)
  }
})
