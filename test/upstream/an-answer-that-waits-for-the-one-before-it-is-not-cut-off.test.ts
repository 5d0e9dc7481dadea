import t from 'tap'
import type { ServerResponse } from 'node:http'
import { chat, chatChunk, completion, finishChunk, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'
import { connectTo, rawChat } from '../helpers/raw-client.ts'

/** Above what a response holds before it reports that it is full. */
const text = 'y'.repeat(256 * 1024)
const end = `${finishChunk}data: [DONE]\n\n`

for (const stream of [false, true]) {
  t.test(`two requests at once on one connection, the second for ${stream ? 'a stream' : 'JSON'}: both are answered`, async t => {
    const opened: ServerResponse[] = []
    const provider = await startProvider(t, ({ body, response }) => {
      if (!body.includes('"stream":true')) {
        sendJson(response, { ...completion, text })
        return
      }
      openStream(response)
      response.write(chatChunk(opened.length === 0 ? 'first' : text))
      opened.push(response)
    })
    const gateway = await startPublicListener(t, { upstream: provider.url, yaml: 'timeouts: { write_stall: 500ms }' })
    const client = connectTo(gateway.url)
    let received = ''
    const until = async (part: string, from = 0): Promise<void> => {
      while (!received.includes(part, from)) await new Promise(resolve => client.once('data', resolve))
    }
    client.on('data', (chunk: Buffer) => { received += chunk.toString() })
    client.write(rawChat(gateway.key, chat({ stream: true })))
    await until('first')
    client.write(rawChat(gateway.key, chat({ stream })))
    await provider.request(1)
    // Longer than a client may take nothing: this one cannot.
    await new Promise(resolve => setTimeout(resolve, 1000))
    opened[0]?.end(end)
    await until(text)
    opened[1]?.end(end)
    if (stream) await until('[DONE]', received.indexOf(text))
    t.pass('both answers came')
    client.destroy()
  })
}
