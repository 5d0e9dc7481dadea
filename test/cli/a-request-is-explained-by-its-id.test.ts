import { test } from 'tap'
import type { Test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { completion, sendJson, startProvider } from '../helpers/provider.ts'
import { environmentOf, operate, tollgate } from './command.ts'

const limits = `
projects:
  default:
    limits:
      small: {requests_per_minute: 1}
      large: {concurrency: 0}
      narrow: {tokens_per_minute: 600}
    spend_usd_per_month: 0.1
`
const usage = { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500, prompt_tokens_details: { cached_tokens: 200 } }

/** In front of a provider that answers everything but "hang", at the price of gpt-4o. */
async function start (t: Test): Promise<TestGateway> {
  const provider = await startProvider(t, ({ response, body }) => {
    if (!body.includes('"hang"')) sendJson(response, { ...completion, usage })
  })
  return await startGateway(t, { upstream: provider.url, yaml: limits })
}

/** Returns the request's id. */
async function ask (gateway: TestGateway, fields: object = {}): Promise<string> {
  const response = await gateway.fetch('/chat/completions', { body: { model: 'gpt-4o', max_tokens: 500, messages: [{ role: 'user', content: 'Hello' }], ...fields } })
  await response.text()
  return response.headers.get('x-request-id') ?? ''
}

async function explained (gateway: TestGateway, id: string): Promise<unknown> {
  const response = await fetch(`${gateway.operatorUrl}/v1/tollgate/requests/${id}`, { headers: { authorization: `Bearer ${gateway.adminKey}` } })
  return await response.json()
}

test('what a request used, what it cost and by which price, where it went and how long it took', async t => {
  const gateway = await start(t)
  const output = await operate(t, gateway, 'explain', await ask(gateway))
  t.match(output, /^settled {3}200 at \S+ \S+ UTC, chat\.completions of gpt-4o, key \w{12}$/m)
  t.match(output, /^tokens {4}1000 in \(200 cached\), 500 out \(0 reasoning\), as the provider says$/m)
  t.match(output, /^cost {6}\$0\.00725, by the price from \d{4}-\d\d-\d\d$/m)
  t.match(output, /^upstream {2}aimlapi$/m)
  t.match(output, /^took {6}[\d.]+ ms in all, [\d.]+ ms upstream, /m)
})

test('which limit refused it, how much was in use, and when it is whole again', async t => {
  const gateway = await start(t)
  await ask(gateway, { model: 'small' })
  const refused = await ask(gateway, { model: 'small' })
  const output = await operate(t, gateway, 'explain', refused)
  t.match(output, /^refused {3}by the project's limit requests_per_minute of 1 for small$/m)
  t.match(output, /^in use {4}1 when it came$/m)
  t.match(output, /^reset {5}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/m)
  t.match(output, /^answer {4}429 rate_limit_exceeded$/m)
  t.match(await explained(gateway, await ask(gateway, { model: 'large' })), { rows: [], open: null, seen: { limit: 'project concurrency', limit_max: 0, limit_used: 0, limit_reset_ms: 0 } })
  t.match(await explained(gateway, await ask(gateway, { max_tokens: 100_000 })), { seen: { limit: 'project spend_per_month', limit_model: '*', limit_max: 100_000_000, limit_reset_ms: Number } })
})

test('that to wait does not help where one request is larger than the limit', async t => {
  const gateway = await start(t)
  const output = await operate(t, gateway, 'explain', await ask(gateway, { model: 'narrow', max_tokens: 5000 }))
  t.match(output, /^refused {3}by the project's limit tokens_per_minute of 600 for narrow$/m)
  t.match(output, /^reset {5}does not help: this request alone is larger than the limit$/m)
})

test('a refusal is remembered when many other requests have ended since', async t => {
  const gateway = await start(t)
  const refused = await ask(gateway, { model: 'large' })
  for (let other = 0; other < 200; other++) await (await gateway.fetch('/models')).text()
  t.match(await explained(gateway, refused), { seen: { limit: 'project concurrency' } })
})

test('one that goes on, one from the answer store, and one without a price', async t => {
  const gateway = await start(t)
  const hanging = new AbortController()
  const response = gateway.fetch('/chat/completions', { body: { model: 'hang', messages: [{ role: 'user', content: 'Hello' }] }, signal: hanging.signal })
  void response.catch(() => {})
  t.match(await explained(gateway, await ask(gateway, { seed: 1 })), { rows: [{ kind: 'settled' }], seen: { cache: 'miss' } })
  t.match(await explained(gateway, await ask(gateway, { seed: 1 })), { rows: [{ kind: 'hit', cost_nano_usd: 0, price: null }], seen: { cache: 'hit' } })
  t.match(await explained(gateway, await ask(gateway, { model: 'nobody-knows' })), { rows: [{ cost_nano_usd: null, price: null }] })
  const live = await fetch(`${gateway.operatorUrl}/v1/tollgate/requests`, { headers: { authorization: `Bearer ${gateway.adminKey}` } })
  const { value = new Uint8Array() } = await live.body?.getReader().read() ?? {}
  const [, id = ''] = /"open":\[\{"request_id":"(req_\w+)"/.exec(Buffer.from(value).toString()) ?? []
  t.match(await explained(gateway, id), { rows: [], open: { model: 'hang', reserved_tokens: Number }, seen: null })
  hanging.abort()
})

test('what nobody knows, and what is no id', async t => {
  const gateway = await start(t)
  t.match(await tollgate(t, ['explain', `req_${'0'.repeat(32)}`], environmentOf(gateway)), { code: 1, output: /^Neither the ledger nor this gateway knows of/ })
  t.match(await explained(gateway, 'chatcmpl-1'), { error: { code: 'invalid_value', param: 'id' } })
})
