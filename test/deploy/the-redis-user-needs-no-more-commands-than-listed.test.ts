import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { Redis } from 'ioredis'
import t from 'tap'
import type { Test } from 'tap'
import { tollgate } from '../cli/command.ts'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import { freePort } from '../helpers/ports.ts'
import { startRedis } from '../helpers/redis.ts'
import type { TestRedis } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'
import { read } from './files.ts'

const password = 'a-password-for-tests-only'
const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] }

/** A Redis with TLS and the user of deploy/redis-user.acl. On its plain port it has a user that may look. */
async function startGuarded (t: Test): Promise<{ redis: TestRedis, address: string, certificate: string }> {
  const folder = t.testdir({ 'users.acl': read('deploy/redis-user.acl').replace('user default off', 'user default on nopass ~* &* +@all').replace('resetpass', `>${password}`) })
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  const port = await freePort()
  const redis = await startRedis(t, '--appendonly', 'yes', '--aclfile', join(folder, 'users.acl'), '--tls-port', String(port), '--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no')
  return { redis, address: `rediss://tollgate:${password}@localhost:${port}`, certificate }
}

t.test('everything a gateway does, over TLS, as that user: nothing is denied', async t => {
  const { redis, address, certificate } = await startGuarded(t)
  const { gateway, publicUrl, operatorUrl } = await startGatewayProcess(t, {
    yaml: 'projects: { default: { spend_usd_per_month: 10, limits: { "*": { requests_per_minute: 100, tokens_per_minute: 100000, concurrency: 10 } } } }',
    env: { TOLLGATE_STORE: address, NODE_EXTRA_CA_CERTS: certificate }
  })
  const call = async (path: string, content?: object): Promise<Record<string, unknown>> => {
    const response = await fetch(publicUrl + path, {
      headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
      ...(content !== undefined && { method: 'POST', body: JSON.stringify(content) })
    })
    t.equal(response.status, 200, `${path} ${JSON.stringify(content ?? '')}`)
    const text = await response.text()
    return text.startsWith('{') ? JSON.parse(text) as Record<string, unknown> : {}
  }
  await call('/v1/chat/completions', body)
  await call('/v1/chat/completions', { ...body, stream: true })
  for (let times = 0; times < 2; times++) await call('/v1/chat/completions', { ...body, seed: 7, temperature: 0 })
  const { id } = await call('/v1/responses', { model: 'gpt-4o', input: 'Hello' })
  await call(`/v1/responses/${String(id)}`)
  await call('/v1/tollgate/me')

  const env = { TOLLGATE_ADMIN_URL: operatorUrl, TOLLGATE_ADMIN_KEY: gateway.adminKey, TOLLGATE_STORE: address, NODE_EXTRA_CA_CERTS: certificate, TOLLGATE_PEPPER: 'a pepper for tests only', TOLLGATE_LISTEN: '127.0.0.1:0', TOLLGATE_OPERATOR_LISTEN: '127.0.0.1:0' }
  const folder = dirname(certificate)
  for (const command of ['projects create search', 'keys create web --project search', 'usage', 'audit', 'answers stats', 'answers purge --project default', 'ledger verify', 'doctor']) {
    const { code, output } = await tollgate(t, command.split(' '), env, folder)
    t.equal(code, 0, `${command}: ${output}`)
  }
  gateway.child.kill('SIGHUP')
  await until(() => gateway.lines.some(line => line.includes('"configuration reloaded"')))

  const observer = new Redis(redis.address)
  t.teardown(() => { observer.disconnect() })
  const denied = await observer.acl('LOG') as string[][]
  t.same(denied.map(entry => entry.join(' ')), [])
})

t.test('it may do nothing else', async t => {
  const { redis } = await startGuarded(t)
  const user = new Redis(redis.address, { username: 'tollgate', password })
  t.teardown(() => { user.disconnect() })
  for (const command of [['flushall'], ['keys', '*'], ['config', 'set', 'maxmemory', '1'], ['get', 'other'], ['shutdown'], ['acl', 'list']]) {
    const [name = '', ...args] = command
    await t.rejects(user.call(name, ...args), /NOPERM/, command.join(' '))
  }
})
