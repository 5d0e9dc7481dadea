import t from 'tap'
import type { Test } from 'tap'
import type { ServerResponse } from 'node:http'
import { startGateway } from '../helpers/gateway.ts'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'

/** A gateway whose model `m` is at `first`, and when that fails at `second`. */
async function startBoth (t: Test, answer: (response: ServerResponse) => void) {
  const first = await startProvider(t, ({ response }) => { answer(response) })
  const second = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startGateway(t, {
    yaml: `
upstreams:
  first: { base_url: ${first.url}, keys: [{ value: a }, { value: b }] }
  second: { base_url: ${second.url}, keys: [{ value: c }] }
models:
  m: { upstream: first, fallbacks: [spare] }
  spare: { upstream: second, model: vendor/spare }
breaker: { failures: 2, probe_interval: 10m }
`
  })
  return { first, second, gateway }
}

const failures: Record<string, { readonly status: number, readonly asked: number }> = {
  'a failure of its own': { status: 500, asked: 1 },
  'an outage': { status: 503, asked: 1 },
  'keys that are refused, all of them': { status: 401, asked: 2 },
  'keys that are limited, all of them': { status: 429, asked: 2 }
}

for (const [name, { status, asked }] of Object.entries(failures)) {
  t.test(`${name}: ${status}`, async t => {
    const { first, second, gateway } = await startBoth(t, response => { sendJson(response, { message: 'no' }, status) })
    const response = await gateway.fetch('/chat/completions', { body: chat() })
    t.equal(response.status, 200)
    t.same(await response.json(), completion)
    t.equal(first.requests.length, asked)
    t.equal(JSON.parse(String(second.requests[0]?.body)).model, 'vendor/spare')
  })
}

t.test('an open breaker: the failing one is spared', async t => {
  const { first, second, gateway } = await startBoth(t, response => { sendJson(response, { message: 'no' }, 500) })
  for (let n = 0; n < 4; n++) t.equal((await gateway.fetch('/chat/completions', { body: chat() })).status, 200)
  t.equal(first.requests.length, 2)
  t.equal(second.requests.length, 4)
})

t.test('but not where the request itself is refused, nor where an answer has begun', async t => {
  let cut = false
  const { second, gateway } = await startBoth(t, response => {
    if (cut) response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('{', () => { response.socket?.destroy() })
    else sendJson(response, { error: { message: 'no' } }, 400)
  })
  t.equal((await gateway.fetch('/chat/completions', { body: chat() })).status, 400)
  cut = true
  t.equal((await gateway.fetch('/chat/completions', { body: chat() })).status, 502)
  t.equal(second.requests.length, 0)
})
