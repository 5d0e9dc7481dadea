import { Redis } from 'ioredis'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { completion, sendJson, startProvider } from '../helpers/provider.ts'
import { startRedis } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'
import { operate, tollgate } from './command.ts'

const yaml = 'projects: {default: {spend_usd_per_month: 1}}'
const usage = { prompt_tokens: 100_000, completion_tokens: 10, total_tokens: 100_010 }

interface Scene {
  readonly gateway: TestGateway
  readonly store: string
  /** What the ledger had. */
  readonly file: string
}

/** A gateway whose team has spent half of its budget, and whose Redis has forgotten that. */
async function forgetful (t: Test): Promise<Scene> {
  const redis = await startRedis(t)
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { ...completion, usage, meta: { usage: { usd_spent: 0.25 } } }) })
  const gateway = await startGateway(t, { upstream: provider.url, yaml, env: { TOLLGATE_STORE: redis.address } })
  for (let times = 0; times < 2; times++) t.equal(await ask(gateway), 200)
  const file = join(t.testdir(), 'ledger.jsonl')
  t.equal((await ledger(t, redis.address, 'export', file)).code, 0)
  const client = new Redis(redis.port)
  const keys = await client.keys('tg:*')
  // Teams and keys are not the ledger's.
  await client.del(keys.filter(key => !key.startsWith('tg:{directory}:')))
  client.disconnect()
  await until(async () => await readiness(gateway) === 'forgot what was spent')
  t.equal(await ask(gateway), 503)
  return { gateway, store: redis.address, file }
}

async function ask (gateway: TestGateway): Promise<number> {
  const response = await gateway.fetch('/chat/completions', { body: { model: 'gpt-4o', max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] } })
  await response.text()
  return response.status
}

async function readiness ({ operatorUrl }: TestGateway): Promise<string> {
  const { checks } = await (await fetch(`${operatorUrl}/readyz`)).json() as { readonly checks: { readonly store: string } }
  return checks.store
}

async function ledger (t: Test, store: string, ...args: readonly string[]): ReturnType<typeof tollgate> {
  return await tollgate(t, ['ledger', ...args], { TOLLGATE_STORE: store })
}

async function spent (t: Test, gateway: TestGateway): Promise<unknown> {
  const [row] = JSON.parse(await operate(t, gateway, 'usage', '--by', 'project', '--json')) as readonly { readonly requests: number, readonly usd: number }[]
  return [row?.requests, row?.usd]
}

test('restored: the team goes on with what is left of its budget, and nothing is counted twice', async t => {
  const { gateway, store, file } = await forgetful(t)
  // The gateway has said its last minute again already.
  t.equal((await ledger(t, store, 'restore', file)).code, 0)
  await until(async () => await readiness(gateway) === 'ok')
  t.same(await spent(t, gateway), [2, 0.5])
  t.equal(await ask(gateway), 200)
  t.match(await ledger(t, store, 'verify'), { code: 0 })
})

test('accepted: the team goes on with what the gateways could say again', async t => {
  const { gateway, store } = await forgetful(t)
  t.match(await ledger(t, store, 'accept-loss'), { code: 0, output: /^accepted/ })
  await until(async () => await readiness(gateway) === 'ok')
  t.equal(await ask(gateway), 200)
  t.match(await ledger(t, store, 'verify'), { code: 0 })
})
