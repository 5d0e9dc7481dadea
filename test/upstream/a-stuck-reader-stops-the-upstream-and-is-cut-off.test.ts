import t from 'tap'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { once } from 'node:events'
import { startGateway } from '../helpers/gateway.ts'
import { startPublicListener } from '../helpers/public-listener.ts'
import { chat, chatChunk, completion, finishChunk, openStream, sendJson, startProvider } from '../helpers/provider.ts'

/** Far above what sockets and streams buffer on the way (kernel buffers included). */
const enoughBytes = 64 * 1024 * 1024

t.test('back-pressure reaches the upstream, and a reader that takes nothing is disconnected', async t => {
  let sent = 0
  const chunk = chatChunk('x'.repeat(64 * 1024))
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    const pump = (): void => {
      while (sent < enoughBytes && !response.destroyed) {
        sent += chunk.length
        if (!response.write(chunk)) {
          response.once('drain', pump)
          return
        }
      }
    }
    pump()
  })
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'timeouts: { write_stall: 500ms }' })
  const { hostname, port } = new URL(gateway.publicUrl)
  const body = JSON.stringify(chat({ stream: true }))
  const client = connect(Number(port), hostname)
  client.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  client.pause()

  await (await provider.request(0)).cancelled
  t.ok(sent < enoughBytes / 2, `the upstream was stopped after ${sent} bytes`)
  client.on('error', () => {})
  client.resume()
  await once(client, 'close')
})

for (const stream of [false, true]) {
  t.test(`and so is one that takes nothing of an answer that is over: ${stream ? 'stream' : 'JSON'}`, async t => {
    const text = 'x'.repeat(enoughBytes / 4)
    const provider = await startProvider(t, ({ response }) => {
      if (stream) {
        openStream(response)
        response.end(`${chatChunk(text)}${finishChunk}data: [DONE]\n\n`)
      } else {
        sendJson(response, { ...completion, text })
      }
    })
    const gateway = await startPublicListener(t, { upstream: provider.url, yaml: 'timeouts: { write_stall: 300ms }\nstream: { max_event_bytes: 64MiB }' })
    const cut = new Promise<void>(resolve => {
      gateway.app.server.once('connection', (socket: Socket) => { socket.once('close', () => { resolve() }) })
    })
    const { hostname, port } = new URL(gateway.url)
    const body = JSON.stringify(chat({ stream }))
    const client = connect(Number(port), hostname)
    client.on('error', () => {})
    client.pause()
    client.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    await cut
    client.destroy()
    t.pass('the connection was cut')
  })
}
