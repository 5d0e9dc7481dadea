import t from 'tap'
import { firstRow } from '../helpers/ledger-rows.ts'
import { chat, chatChunk, finishChunk, openStream, startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'
import { connectTo, nextClientGone, rawChat } from '../helpers/raw-client.ts'

const usage = { prompt_tokens: 11, completion_tokens: 22, total_tokens: 33 }
const usageChunk = chatChunk(null, { choices: [], usage })

t.test('on_abort drain: read to the end for exact usage, also when the client had stopped reading before', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('x'.repeat(8 * 1024 * 1024)))
  })
  const gateway = await startPublicListener(t, { upstream: provider.url, yaml: 'on_abort: drain' })
  const client = connectTo(gateway.url)
  client.pause()
  client.write(rawChat(gateway.key, chat({ stream: true })))
  const { response } = await provider.request(0)
  response.write(chatChunk('y'))
  client.destroy()
  response.end(`${finishChunk}${usageChunk}data: [DONE]\n\n`)
  t.match(await firstRow(gateway.ledger), { kind: 'settled', source: 'provider', usage: { inputTokens: 11, outputTokens: 22 } })
})

t.test('one that leaves while it is being admitted costs nothing, and nothing goes upstream', async t => {
  const provider = await startProvider(t, () => {})
  const gateway = await startPublicListener(t, { upstream: provider.url })
  const { promise: admitting, resolve: onAdmit } = Promise.withResolvers<void>()
  const { promise: left, resolve: leave } = Promise.withResolvers<void>()
  const admit = gateway.ledger.admit.bind(gateway.ledger)
  gateway.ledger.admit = async request => {
    onAdmit()
    await left
    return await admit(request)
  }
  const closed = nextClientGone(gateway.app)
  const leaving = new AbortController()
  const call = gateway.post('/chat/completions', chat(), leaving.signal).catch(() => null)
  await admitting
  leaving.abort()
  await call
  await closed
  leave()
  t.match(await firstRow(gateway.ledger), { kind: 'void' })
  t.equal(provider.requests.length, 0)
})
