import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import OpenAI from 'openai'
import { Redis } from 'ioredis'
import { test } from 'tap'
import type { Test } from 'tap'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import { startRedis } from '../helpers/redis.ts'

/** What identifies a key's secret: its middle, which no redacted form shows. */
const secretOf = (key: string): string => key.slice(-39, -7)

async function filesIn (folder: string): Promise<Buffer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return await Promise.all(entries.filter(entry => entry.isFile()).map(async entry => await readFile(join(entry.parentPath, entry.name))))
}

/** A store under test: how the gateway is told of it, and all bytes that it keeps. */
interface Store {
  readonly env: Readonly<Record<string, string>>
  readonly bytes: () => Promise<Buffer[]>
}

test('with SQLite: not in its files, the log, the metrics, or an error', async t => {
  await search(t, { env: {}, bytes: async () => [] })
})

test('with Redis: not in its dump either', async t => {
  const { port, address } = await startRedis(t, '--appendonly', 'yes', '--rdbcompression', 'no')
  const redis = new Redis({ port })
  t.teardown(() => { redis.disconnect() })
  const [, folder = ''] = await redis.config('GET', 'dir') as string[]
  await search(t, {
    env: { TOLLGATE_STORE: address },
    async bytes () {
      await redis.save()
      return await filesIn(folder)
    }
  })
})

async function search (t: Test, store: Store): Promise<void> {
  const data = t.testdir()
  const { gateway, publicUrl, operatorUrl } = await startGatewayProcess(t, { yaml: 'drain: { delay: 0s }', env: { LOG_LEVEL: 'trace', TOLLGATE_DATA_DIR: data, ...store.env } })
  const { organization } = new OpenAI({ baseURL: `${operatorUrl}/v1`, apiKey: 'unused', adminAPIKey: gateway.adminKey, maxRetries: 0 }).admin
  const account = await organization.projects.serviceAccounts.create('proj_default', { name: 'app' })
  const more = await organization.projects.serviceAccounts.apiKeys.create(account.id, { project_id: 'proj_default', name: 'more' })
  const admin = await organization.adminAPIKeys.create({ name: 'ci' })
  const keys = [gateway.key, gateway.adminKey, account.api_key?.value ?? '', more.value, admin.value]
  const texts = await everythingSaid(publicUrl, operatorUrl, keys)
  for (const url of ['/projects/proj_default/api_keys', '/admin_api_keys', '/audit_logs?limit=100']) {
    texts.push(await (await fetch(`${operatorUrl}/v1/organization${url}`, { headers: { authorization: `Bearer ${gateway.adminKey}` } })).text())
  }

  const duringService = [...await filesIn(data), ...await store.bytes()]
  gateway.child.kill('SIGTERM')
  await gateway.exited
  const files = [...duringService, ...await filesIn(data), ...await store.bytes()]
  t.ok(files.some(file => file.includes(more.id)), 'the keys are in these files')
  t.ok(texts.some(text => text.includes(more.id)))
  t.ok(texts.some(text => text.includes('tollgate_requests_total')), 'the metrics are among what was said')
  t.ok(gateway.lines.length > keys.length, 'requests are in the log')
  for (const secret of keys.map(secretOf)) {
    t.equal(secret.length, 32)
    t.notOk(files.some(file => file.includes(secret)), 'the store')
    t.notOk(texts.some(text => text.includes(secret)), 'what is answered')
    t.notOk([...gateway.lines, gateway.complaints].some(line => line.includes(secret)), 'the log')
  }
}

/** Uses every key rightly and wrongly, on both listeners; the bodies of the answers, and the metrics. */
async function everythingSaid (publicUrl: string, operatorUrl: string, keys: readonly string[]): Promise<string[]> {
  const texts: string[] = []
  for (const key of keys) {
    const nearMiss = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`
    for (const bearer of [key, nearMiss]) {
      const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
      const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] })
      texts.push(await (await fetch(`${publicUrl}/v1/chat/completions`, { method: 'POST', headers, body })).text())
      texts.push(await (await fetch(`${publicUrl}/v1/tollgate/me`, { headers })).text())
      texts.push(await (await fetch(`${operatorUrl}/v1/organization/projects`, { method: 'POST', headers, body: '{"nam":1}' })).text())
    }
  }
  texts.push(await (await fetch(`${operatorUrl}/metrics`)).text())
  return texts
}
