import t from 'tap'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'
import { startGateway } from '../helpers/gateway.ts'
import { chat, chatChunk, openStream, startProvider } from '../helpers/provider.ts'
import { StreamProbe } from '../helpers/sse.ts'

t.test('no first byte: 504, the upstream is cancelled, no second try', async t => {
  const provider = await startProvider(t, () => {})
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'timeouts: { first_byte: 200ms }' })
  const response = await gateway.fetch('/chat/completions', { body: chat() })
  t.equal(response.status, 504)
  t.match(await response.json(), { error: { code: 'upstream_timeout', type: 'upstream_error' } })
  await (await provider.request(0)).cancelled
  t.equal(provider.requests.length, 1)
})

t.test('silence in the middle of a stream: an error event', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('one'))
  })
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'timeouts: { idle: 200ms }' })
  const text = await new StreamProbe(await gateway.fetch('/chat/completions', { body: chat({ stream: true }) })).toEnd()
  t.match(text, '"code":"upstream_timeout"')
  t.notMatch(text, '[DONE]')
})

t.test('the whole request takes too long: an error event, and the upstream is cancelled', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('one'))
  })
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'timeouts: { total: 300ms }' })
  const text = await new StreamProbe(await gateway.fetch('/chat/completions', { body: chat({ stream: true }) })).toEnd()
  t.match(text, '"code":"gateway_timeout"')
  await (await provider.request(0)).cancelled
})

t.test('a TLS handshake that never ends: 502', async t => {
  const sockets: Socket[] = []
  const server = createServer(socket => { sockets.push(socket) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const gateway = await startGateway(t, { upstream: `https://127.0.0.1:${port}/v1`, yaml: 'timeouts: { connect: 200ms }' })
  const response = await gateway.fetch('/chat/completions', { body: chat() })
  t.equal(response.status, 502)
  t.match(await response.json(), { error: { code: 'upstream_unreachable' } })
})
