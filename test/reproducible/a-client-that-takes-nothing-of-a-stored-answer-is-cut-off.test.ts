import t from 'tap'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'
import { connectTo, nextClientGone, rawChat } from '../helpers/raw-client.ts'

/** Far above what sockets and streams buffer on the way. */
const text = 'x'.repeat(16 * 1024 * 1024)

for (const stream of [false, true]) {
  t.test(stream ? 'as a stream' : 'as JSON', async t => {
    const answer = { ...completion, choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }] }
    const provider = await startProvider(t, ({ response }) => { sendJson(response, answer) })
    const gateway = await startPublicListener(t, {
      upstream: provider.url,
      yaml: 'timeouts: { write_stall: 2s }\nanswers: { max_answer_bytes: 32MiB, hot_bytes: 64MiB }'
    })
    // A busy machine may take longer to store so much than the gateway waits for it.
    for (let cache: string | null = null, read = ''; cache !== 'hit';) {
      const response = await gateway.post('/chat/completions', chat({ seed: 1, stream: cache !== null && stream }))
      read = await response.text()
      cache = response.headers.get('x-tollgate-cache')
      t.ok(read.includes(text), `${cache}: one that reads gets all of it`)
    }
    const asked = provider.requests.length

    const cut = nextClientGone(gateway.app)
    const client = connectTo(gateway.url)
    client.on('error', () => {})
    client.pause()
    client.write(rawChat(gateway.key, chat({ seed: 1, stream })))
    await cut
    client.destroy()
    t.equal(provider.requests.length, asked, 'no upstream was asked for it')
  })
}
