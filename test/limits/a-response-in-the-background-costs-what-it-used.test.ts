import t from 'tap'
import type { Test } from 'tap'
import type { DemoUpstream } from '../../src/upstream/demo.ts'
import { startDemo } from '../helpers/demo.ts'
import { startGateway } from '../helpers/gateway.ts'
import { rowsIn, rowsOf } from '../helpers/ledger-rows.ts'
import { startPublicListener } from '../helpers/public-listener.ts'
import type { PublicListener } from '../helpers/public-listener.ts'
import { startRedis } from '../helpers/redis.ts'
import { scrape } from '../helpers/scrape.ts'

const background = { model: 'gpt-4o', input: 'Tell me of it', background: true, max_output_tokens: 1000 }

async function start (t: Test): Promise<{ demo: DemoUpstream, gateway: PublicListener }> {
  const demo = await startDemo(t)
  return { demo, gateway: await startPublicListener(t, { upstream: demo.url }) }
}

async function begin (gateway: PublicListener, body: Record<string, unknown> = background): Promise<string> {
  const response = await gateway.post('/responses', body)
  const { id } = await response.json() as { id: string }
  return id
}

async function ask (gateway: PublicListener, path: string, method = 'GET'): Promise<string> {
  return await (await fetch(`${gateway.url}/v1/responses/${path}`, { method, headers: { authorization: `Bearer ${gateway.key}` } })).text()
}

/** Of each row. */
async function billed (gateway: PublicListener): Promise<unknown[]> {
  return (await rowsOf(gateway.ledger)).map(({ kind, source, usage }) => [kind, source, usage.inputTokens, usage.outputTokens])
}

/** All rows together: what the project pays. */
async function sums (gateway: PublicListener): Promise<number[]> {
  const rows = await rowsOf(gateway.ledger)
  return [rows.map(({ usage }) => usage.inputTokens), rows.map(({ usage }) => usage.outputTokens), rows.map(({ costNanoUsd }) => costNanoUsd ?? 0)].map(each => each.reduce((a, b) => a + b, 0))
}

t.test('until somebody asks for it, all that it may use; then what it used, once', async t => {
  const { demo, gateway } = await start(t)
  const id = await begin(gateway)
  t.match(await billed(gateway), [['estimated', 'estimated', Number, 1000]])

  t.match(JSON.parse(await ask(gateway, id)), { status: 'completed' })
  const [asked] = demo.requests
  t.match(await billed(gateway), [['estimated'], ['correction', 'provider']])
  const [input, output, cost = 0] = await sums(gateway)
  t.same([input, output], [asked?.promptTokens, asked?.completionTokens])
  t.ok(cost > 0)

  await ask(gateway, id)
  await ask(gateway, `${id}?stream=true`)
  await ask(gateway, `${id}/input_items`)
  await ask(gateway, id, 'DELETE')
  t.equal((await rowsOf(gateway.ledger)).length, 2)

  await (await gateway.post('/responses', { ...background, background: false })).text()
  t.equal((await sums(gateway))[2], 2 * cost, 'as much as in the foreground')
})

t.test('asked for as a stream', async t => {
  const { demo, gateway } = await start(t)
  const id = await begin(gateway)
  t.match(await ask(gateway, `${id}?stream=true`), 'response.completed')
  const [asked] = demo.requests
  t.same((await sums(gateway)).slice(0, 2), [asked?.promptTokens, asked?.completionTokens])
})

t.test('cancelled: its prompt. Failed: nothing', async t => {
  const { gateway } = await start(t)
  const cancelled = await begin(gateway)
  t.match(JSON.parse(await ask(gateway, `${cancelled}/cancel`, 'POST')), { status: 'cancelled', usage: null })
  const [prompt = 0, output, cost = 0] = await sums(gateway)
  t.ok(prompt > 0)
  t.equal(output, 0)
  t.ok(cost > 0)

  const failed = await begin(gateway, { ...background, model: 'demo-failed' })
  t.match(JSON.parse(await ask(gateway, failed)), { status: 'failed' })
  t.same(await sums(gateway), [prompt, 0, cost])
})

t.test('asked for at another replica', async t => {
  const demo = await startDemo(t)
  const redis = await startRedis(t)
  const env = { TOLLGATE_STORE: redis.address }
  const first = await startGateway(t, { upstream: demo.url, env })
  const other = await startGateway(t, { upstream: demo.url, env })
  const { id } = await (await first.fetch('/responses', { body: background })).json() as { id: string }
  const answer = await fetch(`${other.baseUrl}/responses/${id}`, { headers: { authorization: `Bearer ${first.key}` } })
  t.match(await answer.json(), { status: 'completed' })
  const found = await rowsIn(redis.address, t.testdir())
  t.same(found.map(({ kind }) => kind), ['estimated', 'correction'])
  t.equal(found.reduce((sum, { usage }) => sum + usage.outputTokens, 0), demo.requests[0]?.completionTokens)
  const metrics = await scrape(other.operatorUrl)
  t.equal((await scrape(first.operatorUrl)).value('tollgate_usage_missing_total'), null, 'nothing was left out')
  t.equal(metrics.value('tollgate_tokens_total', { model: 'gpt-4o', type: 'output' }), demo.requests[0]?.completionTokens)
})

t.test('begun as a stream: settled by its end', async t => {
  const { demo, gateway } = await start(t)
  t.match(await (await gateway.post('/responses', { ...background, stream: true })).text(), 'response.completed')
  const [asked] = demo.requests
  t.same(await billed(gateway), [['settled', 'provider', asked?.promptTokens, asked?.completionTokens]])
})

t.test('a budget that one of them reserves is spent for the next', async t => {
  const { gateway } = await start(t)
  await gateway.directory.projects.update('proj_default', () => ({ spendLimit: { amountNanoUsd: 15_000_000, shadow: false } }), { type: 'system', id: null, address: null })
  const id = await begin(gateway)
  const refused = await gateway.post('/responses', background)
  t.equal(refused.status, 429)
  await refused.text()
  await ask(gateway, id)
  t.equal((await gateway.post('/responses', background)).status, 200)
})

t.test('`background` is true or false', async t => {
  const { gateway } = await start(t)
  const refused = await gateway.post('/responses', { ...background, background: 'yes' })
  t.equal(refused.status, 400)
  t.match(await refused.json(), { error: { param: 'background', code: 'invalid_type' } })
})
