import t from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'
import { Breaker } from '../../src/upstream/breaker.ts'

t.test('the breaker opens after failures in a row, lets one probe through, and closes on its success', async t => {
  const breaker = new Breaker({ failures: 3, probeInterval: 500 })
  for (let now = 0; now < 3; now++) {
    t.equal(breaker.admits(now), 'yes')
    breaker.failure(now)
  }
  t.equal(breaker.state, 'open')
  t.equal(breaker.admits(400), 'no')
  t.equal(breaker.admits(502), 'probe')
  t.equal(breaker.state, 'half_open')
  t.equal(breaker.admits(503), 'no', 'one probe at a time')
  breaker.failure(510)
  t.equal(breaker.admits(600), 'no')
  t.equal(breaker.admits(1010), 'probe')
  breaker.success()
  t.equal(breaker.state, 'closed')
  t.equal(breaker.admits(1011), 'yes')
})

t.test('a success between failures starts the count anew; a cancelled probe leaves the place to the next', async t => {
  const breaker = new Breaker({ failures: 2, probeInterval: 10 })
  breaker.failure(0)
  breaker.success()
  breaker.failure(1)
  t.equal(breaker.state, 'closed')
  breaker.failure(2)
  t.equal(breaker.admits(20), 'probe')
  breaker.probeLost()
  t.equal(breaker.admits(21), 'probe')
})

t.test('while it is open the upstream is not asked; after the pause it is', async t => {
  let healthy = false
  const provider = await startProvider(t, ({ response }) => { sendJson(response, healthy ? completion : { error: { message: 'x' } }, healthy ? 200 : 500) })
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'breaker: { failures: 2, probe_interval: 50ms }' })
  for (let n = 0; n < 2; n++) t.equal((await gateway.fetch('/chat/completions', { body: chat() })).status, 502)
  const refused = await gateway.fetch('/chat/completions', { body: chat() })
  t.equal(refused.status, 503)
  t.equal(refused.headers.get('retry-after'), '1')
  t.match(await refused.json(), { error: { code: 'upstream_unavailable' } })
  t.equal(provider.requests.length, 2)

  healthy = true
  let status = 503
  while (status === 503) status = (await gateway.fetch('/chat/completions', { body: chat() })).status
  t.equal(status, 200)
})

t.test('errors of the caller do not count', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { error: { message: 'bad', code: 'x', type: 'y', param: null } }, 400) })
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'breaker: { failures: 2 }' })
  for (let n = 0; n < 4; n++) t.equal((await gateway.fetch('/chat/completions', { body: chat() })).status, 400)
  t.equal(provider.requests.length, 4)
})

t.test('a caller\'s 400 that the provider wraps in a 500 does not count either, and is not sent to a fallback', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { message: '400 Unable to access model m.', statusCode: 500 }, 500) })
  const gateway = await startGateway(t, {
    yaml: `
upstreams: { u: { base_url: ${provider.url}, keys: [{ value: k }] } }
models: { m: { upstream: u, fallbacks: [other] }, other: { upstream: u } }
breaker: { failures: 2 }
`
  })
  for (let n = 0; n < 4; n++) t.equal((await gateway.fetch('/chat/completions', { body: chat() })).status, 400)
  t.equal(provider.requests.length, 4)
})

t.test('a probe that is refused for what the caller sent closes it: the upstream works', async t => {
  let status = 500
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { error: { message: 'no' } }, status) })
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'breaker: { failures: 1, probe_interval: 50ms }' })
  const ask = async (): Promise<number> => (await gateway.fetch('/chat/completions', { body: chat() })).status
  t.equal(await ask(), 502)
  status = 400
  let answered = 503
  while (answered === 503) answered = await ask()
  t.equal(answered, 400)
  t.equal(await ask(), 400, 'and not 503')
})
