import t from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { chat, chatChunk, completion, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import { StreamProbe } from '../helpers/sse.ts'

t.test('while it waits for the first byte', async t => {
  const provider = await startProvider(t, () => {})
  const gateway = await startGateway(t, { upstream: provider.url })
  const controller = new AbortController()
  const answer = gateway.fetch('/chat/completions', { body: chat(), signal: controller.signal })
  const { cancelled } = await provider.request(0)
  controller.abort()
  await t.rejects(answer)
  await cancelled
})

t.test('in the middle of a stream', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('one'))
  })
  const gateway = await startGateway(t, { upstream: provider.url })
  const response = await gateway.fetch('/chat/completions', { body: chat({ stream: true }) })
  const probe = new StreamProbe(response)
  await probe.until('one')
  const { cancelled } = await provider.request(0)
  await probe.cancel()
  await cancelled
})

t.test('but a client that stays does not, although its request has been read to the end', async t => {
  const provider = await startProvider(t, ({ response }) => { setImmediate(() => { sendJson(response, completion) }) })
  const gateway = await startGateway(t, { upstream: provider.url })
  const response = await gateway.fetch('/chat/completions', { body: chat() })
  t.equal(response.status, 200)
  t.same(await response.json(), completion)
})
