import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import type { Call } from '../../src/openai/call.ts'
import { ModelLabel } from '../../src/telemetry/labels.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { RequestFacts } from '../../src/telemetry/request-facts.ts'
import { startGateway } from '../helpers/gateway.ts'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'
import { Scrape, scrape } from '../helpers/scrape.ts'

test('100,000 model names leave the number of series as it is', async t => {
  const metrics = new Metrics({ version: 'test', models: new ModelLabel(['gpt-4o', 'openai/*']), upstreams: [] })
  const series = async () => new Scrape(await metrics.registry.metrics()).samples.filter(({ name }) => !name.includes('nodejs')).length
  for (const model of ['gpt-4o', 'openai/a', 'b']) ended(metrics, model, 'proj_1')
  const before = await series()
  for (let index = 0; index < 100_000; index++) ended(metrics, `${index % 2 === 0 ? '' : 'openai/'}${index.toString(36)}`, 'proj_1')
  t.equal(await series(), before)
  const after = new Scrape(await metrics.registry.metrics())
  t.equal(after.value('tollgate_requests_total', { model: 'openai/*' }), 50_001)
  t.equal(after.value('tollgate_requests_total', { model: 'other' }), 50_001)
})

test('model names that callers invent make no series on their way through a gateway either', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'models: { "mine/*": {} }' })
  const ask = async (model: string): Promise<void> => { await (await gateway.fetch('/chat/completions', { body: chat({ model }) })).text() }
  const askAll = async (prefix: string, count: number): Promise<void> => { await Promise.all(Array.from({ length: count }, async () => { await ask(prefix + randomUUID()) })) }
  const series = async (): Promise<string[]> => (await scrape(gateway.operatorUrl)).samples.filter(({ name }) => !name.includes('nodejs')).map(({ name, labels }) => name + JSON.stringify(labels))
  for (const prefix of ['', 'mine/', 'gpt-4o-']) await askAll(prefix, 2)
  const before = await series()
  for (const prefix of ['', 'mine/', 'gpt-4o-']) await askAll(prefix, 100)
  t.same(await series(), before)
})

test('projects beyond the bound share one series', async t => {
  const metrics = new Metrics({ version: 'test', models: new ModelLabel([]), upstreams: [] })
  for (let index = 0; index < 1_100; index++) ended(metrics, 'm', `proj_${index}`)
  const { samples, value } = new Scrape(await metrics.registry.metrics())
  t.equal(samples.filter(({ name }) => name === 'tollgate_requests_total').length, 1_001)
  t.equal(value.call({ samples }, 'tollgate_requests_total', { project: 'other' }), 100)
})

test('no label holds a key, a user, an id or a path', async t => {
  const gateway = await startGateway(t)
  const response = await gateway.fetch('/chat/completions', { body: chat({ model: 'invented-by-a-caller', user: 'user-4711' }) })
  await response.text()
  await (await gateway.fetch('/chat/completions', { body: chat(), headers: { authorization: `Bearer ${gateway.adminKey}` } })).text()
  await (await gateway.fetch('/responses/resp_4711')).text()
  await (await gateway.fetch('/invented/path')).text()
  const { text } = await scrape(gateway.operatorUrl)
  const withoutValues = text.replaceAll(/^([^#].*) \S+$/gm, '$1')
  const secrets = [gateway.key, gateway.adminKey, gateway.key.slice(6, 18), response.headers.get('x-request-id') ?? '', 'user-4711', '4711', 'invented', '127.0.0.1']
  for (const secret of secrets) t.notOk(withoutValues.includes(secret), `no ${secret}`)
})

function ended (metrics: Metrics, model: string, projectId: string): void {
  const facts = new RequestFacts('req_1', 'POST', '/v1/chat/completions')
  metrics.began()
  facts.calledBy(projectId, 'key')
  facts.asksFor({ endpoint: 'chat.completions', model, stream: false } as Call)
  facts.head()
  facts.close(200, true, null, () => { metrics.ended(facts) })
}
