import t from 'tap'
import type { Test } from 'tap'
import { bootstrap } from '../../src/bootstrap.ts'
import { mintAdminKey, mintKey } from '../../src/keys/key.ts'
import { openDirectory } from '../../src/stores/open.ts'
import type { Directory } from '../../src/stores/directory.ts'
import { startGateway } from '../helpers/gateway.ts'
import { pepper } from '../helpers/public-listener.ts'
import { startRedis } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'
import { askWith, startKeyListener, tester, withOtherSecret } from './key-listener.ts'

/** What the issue of this feature promises, ms. */
const soonEnough = 5_000
const { token: key, id: keyId } = mintKey()
const { token: adminKey } = mintAdminKey()

/** Two gateways over one Redis, as behind one load balancer. */
async function startReplicas (t: Test) {
  const redis = await startRedis(t, '--appendonly', 'yes', '--appendfsync', 'always')
  const start = async () => await startGateway(t, { env: { TOLLGATE_STORE: redis.address, TOLLGATE_BOOTSTRAP_KEY: key, TOLLGATE_ADMIN_KEY: adminKey } })
  const replicas = [await start(), await start()] as const
  const chat = async (replica: typeof replicas[number], token: string): Promise<number> => {
    const response = await replica.fetch('/chat/completions', { headers: { authorization: `Bearer ${token}` }, body: { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] } })
    await response.text()
    return response.status
  }
  const administer = async (method: string, path: string, body?: object): Promise<Response> => await fetch(`${replicas[0].operatorUrl}/v1/organization/projects/proj_default/${path}`, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  const newKey = async (): Promise<{ readonly id: string, readonly value: string }> => {
    const response = await administer('POST', 'service_accounts/svc_acct_default/api_keys', {})
    return await response.json() as { readonly id: string, readonly value: string }
  }
  return { redis, replicas, chat, administer, newKey }
}

/** Lets time go by for this process, ms. */
function later (t: Test, by: () => number): void {
  const now = Date.now
  Date.now = () => now() + by()
  t.teardown(() => { Date.now = now })
}

t.test('within five seconds, through the admin API', async t => {
  const { replicas: [one, other], chat, administer, newKey } = await startReplicas(t)
  const { id, value } = await newKey()
  t.equal(await chat(other, value), 200)
  t.equal((await administer('DELETE', `api_keys/${id}`)).status, 200)
  const revoked = performance.now()
  t.equal(await chat(one, value), 401, 'where it was revoked: at once')
  await until(async () => await chat(other, value) === 401)
  t.ok(performance.now() - revoked < soonEnough)
  t.equal(await chat(other, key), 200)
})

t.test('by its age when no word of the change comes through', async t => {
  const redis = await startRedis(t)
  const [one, other] = [await openDirectory(redis.address), await openDirectory(redis.address)]
  t.teardown(async () => await Promise.all([one.close(), other.close()]))
  await bootstrap(one, pepper, { bootstrap_key: key })
  const deaf: Directory = new Proxy(other, {
    get (target, name) {
      const value: unknown = name === 'subscribe' ? () => () => {} : Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
  const listener = await startKeyListener(t, { key, through: () => deaf })
  t.equal((await askWith(listener, key)).status, 200)
  await one.keys.revoke(keyId, tester)
  t.equal((await askWith(listener, key)).status, 200, 'nobody told it')
  later(t, () => soonEnough)
  t.equal((await askWith(listener, key)).status, 401)
})

t.test('while Redis is away for half a minute, known keys work, all others get 503, and none gets 401', async t => {
  const { redis, replicas, chat, newKey } = await startReplicas(t)
  const [{ value: used }, { value: unused }] = [await newKey(), await newKey()]
  for (const replica of replicas) t.equal(await chat(replica, used), 200)
  let away = 0
  later(t, () => away)

  await redis.kill()
  for (away = 0; away <= 30_000; away += 10_000) {
    for (const replica of replicas) {
      t.equal(await chat(replica, used), 200, `known, after ${away} ms`)
      for (const token of [unused, mintKey().token, withOtherSecret(used)]) t.equal(await chat(replica, token), 503)
    }
  }

  await redis.restart()
  for (const replica of replicas) {
    await until(async () => await chat(replica, unused) === 200)
    t.equal(await chat(replica, used), 200)
    for (const token of [mintKey().token, withOtherSecret(used)]) t.equal(await chat(replica, token), 401)
  }
  await until(async () => await chat(replicas[1], (await newKey()).value) === 200)
})
