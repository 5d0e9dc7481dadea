import t from 'tap'
import { once } from 'node:events'
import { firstRow } from '../helpers/ledger-rows.ts'
import { chat, chatChunk, completion, finishChunk, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'
import { connectTo, nextClientGone, rawChat } from '../helpers/raw-client.ts'

/** Resolves when the gateway knows that its next client is gone. */
t.test('while its JSON is collected: the upstream is stopped, and the prompt is billed', async t => {
  const provider = await startProvider(t, ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write(JSON.stringify(completion).slice(0, 20))
  })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  const leaving = new AbortController()
  const answer = gateway.post('/chat/completions', chat(), leaving.signal)
  const { cancelled } = await provider.request(0)
  leaving.abort()
  await t.rejects(answer)
  await cancelled
  t.match(await firstRow(gateway.ledger), { kind: 'settled', source: 'partial', status: 'client_abort', usage: { outputTokens: 0 } })
})

t.test('while the upstream is paused, because it did not read: the upstream is stopped, and what came is billed', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    const chunk = chatChunk('x'.repeat(64 * 1024))
    while (response.write(chunk));
    response.on('drain', () => { while (response.write(chunk)); })
  })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  const client = connectTo(gateway.url)
  client.pause()
  client.write(rawChat(gateway.key, chat({ stream: true })))
  const { response, cancelled } = await provider.request(0)
  // Nothing is taken any more when the length of what waits to be sent does not change.
  for (let last = -1, still = 0; still < 5; last = response.writableLength) {
    still = response.writableLength === last && response.writableNeedDrain ? still + 1 : 0
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  client.destroy()
  await cancelled
  const row = await firstRow(gateway.ledger)
  t.match(row, { kind: 'settled', source: 'partial', status: 'client_abort' })
  t.ok(row.usage.outputTokens > 16 * 1024)
})

for (const stream of [false, true]) {
  t.test(`while its ${stream ? 'stream' : 'JSON'} is settled: it is billed once, by the provider's numbers`, async t => {
    const provider = await startProvider(t, ({ response }) => {
      if (!stream) {
        sendJson(response, completion)
        return
      }
      openStream(response)
      response.end(`${chatChunk('Hi')}${finishChunk}${chatChunk(null, { choices: [], usage: completion.usage })}data: [DONE]\n\n`)
    })
    const gateway = await startPublicListener(t, { upstream: provider.url })
    const settling = Promise.withResolvers<void>()
    const left = nextClientGone(gateway.app)
    const settle = gateway.ledger.settle.bind(gateway.ledger)
    gateway.ledger.settle = async (...settlement) => {
      settling.resolve()
      await left
      return await settle(...settlement)
    }
    const client = connectTo(gateway.url)
    client.write(rawChat(gateway.key, chat({ stream })))
    await settling.promise
    client.destroy()
    await once(client, 'close')
    t.match(await firstRow(gateway.ledger), { kind: 'settled', source: 'provider', usage: { inputTokens: 3, outputTokens: 1 } })
    t.equal(provider.requests.length, 1)
    const next = gateway.post('/chat/completions', chat({ stream }))
    t.equal((await next).status, 200, 'the gateway goes on')
  })
}
