import t from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'
import { KeyRing } from '../../src/upstream/key-ring.ts'

t.test('by weight, evenly mixed', async t => {
  const ring = new KeyRing([{ value: 'a', weight: 3 }, { value: 'b', weight: 1 }])
  const turns = Array.from({ length: 8 }, () => ring.next(0)?.value).join('')
  t.equal(turns, 'aabaaaba')
})

t.test('a resting key is passed over until its time; when all rest, the first to wake is used', async t => {
  const a = { value: 'a', weight: 1 }
  const b = { value: 'b', weight: 1 }
  const ring = new KeyRing([a, b])
  ring.rest(a, 100)
  t.equal(ring.next(50)?.value, 'b')
  t.equal(ring.next(60)?.value, 'b')
  ring.rest(b, 200)
  t.equal(ring.next(70)?.value, 'a')
  t.equal(ring.next(150)?.value, 'a')
})

for (const status of [401, 402, 403, 429]) {
  t.test(`a key refused with ${status}: the next key is used at once, and the refused one rests`, async t => {
    const provider = await startProvider(t, ({ headers, response }) => {
      if (headers.authorization === 'Bearer good') sendJson(response, completion)
      else sendJson(response, { title: 'no', message: 'no' }, status, { 'retry-after': '30' })
    })
    const gateway = await startGateway(t, {
      yaml: `upstreams: { u: { base_url: ${provider.url}, keys: [{ value: bad, weight: 9 }, { value: good }] } }`
    })
    for (let turn = 0; turn < 3; turn++) t.equal((await gateway.fetch('/chat/completions', { body: chat() })).status, 200)
    t.same(provider.requests.map(({ headers }) => headers.authorization), ['Bearer bad', 'Bearer good', 'Bearer good', 'Bearer good'])
  })
}

t.test('a refused only key is the gateway\'s fault, and its text is not shown', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { message: 'Incorrect API key provided: upstream-key' }, 401) })
  const gateway = await startGateway(t, { upstream: provider.url })
  const response = await gateway.fetch('/chat/completions', { body: chat() })
  t.equal(response.status, 502)
  const text = await response.text()
  t.match(JSON.parse(text), { error: { code: 'upstream_auth_error' } })
  t.notMatch(text, 'upstream-key')
})

t.test('a limit of the upstream is passed on with its waiting time', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { message: 'Too Many Requests', statusCode: '429' }, 429, { 'retry-after': '7' }) })
  const gateway = await startGateway(t, { upstream: provider.url })
  const response = await gateway.fetch('/chat/completions', { body: chat() })
  t.equal(response.status, 429)
  t.equal(response.headers.get('retry-after'), '7')
  t.equal(response.headers.get('retry-after-ms'), '7000')
  t.match(await response.json(), { error: { code: 'upstream_rate_limited' } })
})

t.test('an only key that was limited for one model still serves the others', async t => {
  const provider = await startProvider(t, ({ body, response }) => {
    if (body.includes('"busy"')) sendJson(response, { message: 'Too Many Requests' }, 429, { 'retry-after': '30' })
    else sendJson(response, completion)
  })
  const gateway = await startGateway(t, { upstream: provider.url })
  t.equal((await gateway.fetch('/chat/completions', { body: chat({ model: 'busy' }) })).status, 429)
  t.equal((await gateway.fetch('/chat/completions', { body: chat({ model: 'idle' }) })).status, 200)
})

t.test('a key that was just refused is not asked again by the same request, however short its rest', async t => {
  const provider = await startProvider(t, ({ headers, response }) => {
    if (headers.authorization === 'Bearer light') sendJson(response, completion)
    else sendJson(response, { message: 'Too Many Requests' }, 429, { 'retry-after': '0' })
  })
  const gateway = await startGateway(t, { yaml: `upstreams: { u: { base_url: ${provider.url}, keys: [{ value: heavy, weight: 3 }, { value: light }] } }` })
  t.equal((await gateway.fetch('/chat/completions', { body: chat() })).status, 200)
  t.same(provider.requests.map(({ headers }) => headers.authorization), ['Bearer heavy', 'Bearer light'])
})

t.test('a key of any form that the provider repeats is not shown', async t => {
  const upstreamKey = '0123456789abcdef0123456789abcdef'
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { message: `Token ${upstreamKey} may not use this` }, 400) })
  const gateway = await startGateway(t, { upstream: provider.url, upstreamKey })
  const response = await gateway.fetch('/chat/completions', { body: chat() })
  t.equal(response.status, 400)
  t.notMatch(await response.text(), upstreamKey)
})
