import t from 'tap'
import { once } from 'node:events'
import { startGateway } from '../helpers/gateway.ts'
import { startPublicListener } from '../helpers/public-listener.ts'
import { chat, chatChunk, completion, finishChunk, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import { connectTo, nextClientGone, rawChat } from '../helpers/raw-client.ts'

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
  const client = connectTo(gateway.publicUrl)
  client.write(rawChat(gateway.key, chat({ stream: true })))
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
    const cut = nextClientGone(gateway.app)
    const client = connectTo(gateway.url)
    client.on('error', () => {})
    client.pause()
    client.write(rawChat(gateway.key, chat({ stream })))
    await cut
    client.destroy()
    t.pass('the connection was cut')
  })
}
