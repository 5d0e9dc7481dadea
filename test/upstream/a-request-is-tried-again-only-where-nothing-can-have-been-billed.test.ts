import t from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { freePort } from '../helpers/ports.ts'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'

t.test('a keep-alive connection that the upstream has just closed: tried again, unseen by the client', async t => {
  let answered = 0
  const provider = await startProvider(t, ({ response, socket }) => {
    if (++answered === 2) socket.resetAndDestroy()
    else sendJson(response, completion)
  })
  const gateway = await startGateway(t, { upstream: provider.url })
  t.equal((await gateway.fetch('/chat/completions', { body: chat() })).status, 200)
  const second = await gateway.fetch('/chat/completions', { body: chat() })
  t.equal(second.status, 200)
  t.equal(provider.requests.length, 3)
})

t.test('a fresh connection that is reset after the request was written: not tried again', async t => {
  const provider = await startProvider(t, ({ socket }) => { socket.resetAndDestroy() })
  const gateway = await startGateway(t, { upstream: provider.url })
  const response = await gateway.fetch('/chat/completions', { body: chat() })
  t.equal(response.status, 502)
  t.match(await response.json(), { error: { code: 'upstream_disconnected' } })
  t.equal(provider.requests.length, 1)
})

t.test('a 500 is not tried again', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { error: { message: 'boom' } }, 500) })
  const gateway = await startGateway(t, { upstream: provider.url })
  t.equal((await gateway.fetch('/chat/completions', { body: chat() })).status, 502)
  t.equal(provider.requests.length, 1)
})

t.test('a refused connection is 502', async t => {
  const gateway = await startGateway(t, { upstream: `http://127.0.0.1:${await freePort()}/v1` })
  const response = await gateway.fetch('/chat/completions', { body: chat() })
  t.equal(response.status, 502)
  t.match(await response.json(), { error: { code: 'upstream_unreachable', type: 'upstream_error' } })
})

t.test('a refused connection falls back to the next model before the first byte', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startGateway(t, {
    yaml: `
upstreams:
  down: { base_url: http://127.0.0.1:${await freePort()}/v1, keys: [{ value: a }] }
  up: { base_url: ${provider.url}, keys: [{ value: b }] }
models:
  m: { upstream: down, fallbacks: [spare] }
  spare: { upstream: up, model: vendor/spare }
`
  })
  const response = await gateway.fetch('/chat/completions', { body: '{"model":"m","seed":9007199254740993,"messages":[{"role":"user","content":"Hi"}]}' })
  t.equal(response.status, 200)
  const [request] = provider.requests
  t.equal(request?.body.toString(), '{"model":"vendor/spare","seed":9007199254740993,"messages":[{"role":"user","content":"Hi"}]}')
  t.equal(request?.headers.authorization, 'Bearer b')
})

t.test('ten stale connections at once, as after a restart of the provider: all are answered, and the breaker stays closed', async t => {
  const served = new WeakSet<object>()
  let restarted = false
  const provider = await startProvider(t, ({ response, socket }) => {
    if (restarted && served.has(socket)) {
      socket.resetAndDestroy()
      return
    }
    served.add(socket)
    setImmediate(() => { sendJson(response, completion) })
  })
  const gateway = await startGateway(t, { upstream: provider.url })
  const ten = async (): Promise<number[]> => await Promise.all(Array.from({ length: 10 }, async () => (await gateway.fetch('/chat/completions', { body: chat() })).status))
  await ten()
  restarted = true
  t.same(await ten(), Array.from({ length: 10 }, () => 200))
})
