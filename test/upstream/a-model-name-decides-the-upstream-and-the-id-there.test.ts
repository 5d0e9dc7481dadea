import t from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'

t.test('names, patterns and the default; the rest of the body stays as it came', async t => {
  const first = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const second = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startGateway(t, {
    yaml: `
upstreams:
  first: { base_url: ${first.url}, keys: [{ value: k1 }] }
  second: { base_url: ${second.url}, keys: [{ value: k2 }], headers: { X-Title: Tollgate } }
default_upstream: first
models:
  fast: { upstream: second, model: vendor/fast-1 }
  "vendor/*": { upstream: second }
  "old-*": { upstream: second, model: "new-*" }
`
  })
  const models = async (name: string): Promise<void> => {
    const response = await gateway.fetch('/chat/completions', { body: `{ "model" : "${name}","n":1,  "messages":[{"role":"user","content":"é"}] }` })
    t.equal(response.status, 200)
    await response.arrayBuffer()
  }
  await models('fast')
  await models('vendor/x')
  await models('old-7')
  await models('anything')
  const bodies = second.requests.map(({ body }) => body.toString())
  t.same(bodies, ['vendor/fast-1', 'vendor/x', 'new-7'].map(id => `{ "model" : "${id}","n":1,  "messages":[{"role":"user","content":"é"}] }`))
  t.same(second.requests.map(({ headers }) => [headers.authorization, headers['x-title']]), Array.from({ length: 3 }, () => ['Bearer k2', 'Tollgate']))
  t.equal(first.requests.length, 1)
  t.equal(JSON.parse(first.requests[0]?.body.toString() ?? '').model, 'anything')
})

t.test('nothing that a client sends chooses the host', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startGateway(t, { upstream: provider.url })
  const response = await gateway.fetch('/chat/completions', {
    body: chat({ model: 'http://127.0.0.1:1/v1', base_url: 'http://127.0.0.1:1' }),
    headers: { 'x-forwarded-host': '127.0.0.1:1', 'openai-organization': 'org-x', 'openai-project': 'p', cookie: 'a=b' }
  })
  t.equal(response.status, 200)
  const { headers } = await provider.request(0)
  t.equal(headers.authorization, 'Bearer upstream-key')
  t.match(headers, { 'openai-organization': undefined, 'openai-project': undefined, cookie: undefined, 'x-forwarded-host': undefined })
})
