import { join } from 'node:path'
import { test } from 'tap'
import { digestKey, mintKey } from '../../src/keys/key.ts'
import { startGateway } from '../helpers/gateway.ts'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import { until } from '../helpers/until.ts'
import { tollgate } from '../cli/command.ts'
import { loadConfig } from '../../src/config/load.ts'

const pepper = 'a pepper for tests only'

function declaring ({ id, token }: ReturnType<typeof mintKey>): string {
  return `
projects:
  search:
    limits: { "*": { requests_per_minute: 2 }, gpt-4o: { tokens_per_minute: 7, shadow: true } }
    allowed_models: [gpt-4*]
    spend_usd_per_month: 12.5
    applications:
      web: { keys: [{ id: "${id}", hash: "${digestKey(token, pepper).toString('hex')}" }] }
`
}

test('a declared key works, within what is declared for its team, until it is no longer declared', async t => {
  const key = mintKey()
  const gateway = await startGateway(t, { yaml: declaring(key) })
  const headers = { authorization: `Bearer ${key.token}` }
  t.equal((await gateway.fetch('/models', { headers })).status, 200)
  t.equal((await gateway.fetch('/chat/completions', { headers, body: { model: 'o3', messages: [{ role: 'user', content: 'Hello' }] } })).status, 404)
  await gateway.server.reload(() => loadConfig({ env: {}, cwd: t.testdir({ 'tollgate.yaml': 'projects: { search: {} }' }) }))
  await until(async () => (await gateway.fetch('/models', { headers })).status === 401)
})

test('what the file declares is read as declared, and cannot be changed through the admin API', async t => {
  const gateway = await startGateway(t, { yaml: declaring(mintKey()) })
  const project = '/v1/organization/projects/proj_search'
  t.match(await operator('GET', `${project}/spend_limit`), { threshold_amount: 1250 })
  t.match(await operator('GET', `${project}/rate_limits`), { data: [{ model: '*', max_requests_per_1_minute: 2 }, { model: 'gpt-4o', max_tokens_per_1_minute: 7, shadow: true }] })
  t.match(await operator('POST', project, { name: 'other' }), { error: { message: 'This project is declared in the configuration. Change it there.' } })

  async function operator (method: string, path: string, body?: object): Promise<unknown> {
    const headers = { authorization: `Bearer ${gateway.adminKey}`, 'content-type': 'application/json' }
    const response = await fetch(gateway.operatorUrl + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
    return await response.json()
  }
})

test('the check tells what a file would change, beside a running gateway, and makes nothing', async t => {
  const folder = t.testdir({ 'now.yaml': 'projects: { search: {} }', 'next.yaml': 'projects: { search: { name: Search }, billing: {} }', 'none.yaml': '' })
  const store = `sqlite:${join(folder, 'store.db')}`
  const diff = async (file: string) => await tollgate(t, ['check', '--diff', '--config', file], { TOLLGATE_STORE: store }, folder)
  t.same(await diff('now.yaml'), { code: 0, output: '+ project proj_search\n' })
  await startGatewayProcess(t, { env: { TOLLGATE_CONFIG: join(folder, 'now.yaml'), TOLLGATE_STORE: store } })
  t.same(await diff('now.yaml'), { code: 0, output: 'nothing would change\n' })
  t.same(await diff('next.yaml'), { code: 0, output: '~ project proj_search: name\n+ project proj_billing\n' })
  t.same(await diff('none.yaml'), { code: 0, output: '- project proj_search\n' })
})
