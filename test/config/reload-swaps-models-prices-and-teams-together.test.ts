import { test } from 'tap'
import { ConfigError, loadConfig } from '../../src/config/load.ts'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'

const before = `
models: { fast: { model: gpt-4o } }
prices: [{ model: fast, effective_from: "2020-01-01", input: 0, output: 1000 }]
projects: { search: { spend_usd_per_month: 5 } }
`
const after = `
models: { fast: { model: gpt-4o-mini }, slow: { model: gpt-4o } }
prices: [{ model: fast, effective_from: "2020-01-01", input: 0, output: 0 }]
projects: { billing: {} }
`

test('models, prices and teams change together', async t => {
  const gateway = await startGateway(t, { yaml: before })
  t.same(await seen(gateway), { model: 'gpt-4o', models: ['fast'], teams: ['search'] })
  t.ok(await billed(gateway) > 0)
  t.equal(await gateway.server.reload(read(after)), true)
  const spent = await billed(gateway)
  t.same(await seen(gateway), { model: 'gpt-4o-mini', models: ['fast', 'slow'], teams: ['billing'] })
  t.equal(await billed(gateway), spent, 'the new price is 0')

  function read (text: string): () => ReturnType<typeof loadConfig> {
    return () => loadConfig({ env: {}, cwd: t.testdir({ 'tollgate.yaml': text }) })
  }
})

test('a configuration that cannot be taken over whole changes nothing', async t => {
  const gateway = await startGateway(t, { yaml: before })
  const elsewhere = `${after}upstreams: { demo: { base_url: demo }, other: { base_url: demo } }\ndefault_upstream: other\n`
  t.equal(await gateway.server.reload(() => loadConfig({ env: {}, cwd: t.testdir({ 'tollgate.yaml': elsewhere }) })), false)
  t.equal(await gateway.server.reload(() => Promise.reject(new ConfigError(['no']))), false)
  t.same(await seen(gateway), { model: 'gpt-4o', models: ['fast'], teams: ['search'] })
})

/** What callers and operators see of the configuration. */
async function seen (gateway: TestGateway) {
  const chat = await gateway.fetch('/chat/completions', { body: { model: 'fast', messages: [{ role: 'user', content: 'Hello' }] } })
  const { model } = await chat.json() as { readonly model: string }
  const { data } = await (await gateway.fetch('/models')).json() as { readonly data: ReadonlyArray<{ readonly id: string }> }
  const projects = await operator<{ readonly name: string }>(gateway, '/v1/organization/projects')
  return {
    model,
    models: data.map(({ id }) => id).filter(id => ['fast', 'slow'].includes(id)),
    teams: projects.map(({ name }) => name).filter(name => name !== 'default')
  }
}

async function billed (gateway: TestGateway): Promise<number> {
  const [bucket] = await operator<{ readonly results: ReadonlyArray<{ readonly amount: { readonly value: number } }> }>(gateway, `/v1/organization/costs?start_time=${Math.floor(Date.now() / 86_400_000) * 86_400}`)
  return bucket?.results.reduce((sum, { amount }) => sum + amount.value, 0) ?? 0
}

async function operator<Item> ({ operatorUrl, adminKey }: TestGateway, path: string): Promise<readonly Item[]> {
  const response = await fetch(operatorUrl + path, { headers: { authorization: `Bearer ${adminKey}` } })
  return (await response.json() as { readonly data: readonly Item[] }).data
}
