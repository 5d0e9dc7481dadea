import t from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { chat, chatChunk, finishChunk, openStream, startProvider } from '../helpers/provider.ts'
import { StreamProbe } from '../helpers/sse.ts'

t.test('before the first event, and between events, never inside one', async t => {
  const provider = await startProvider(t, ({ response }) => { openStream(response) })
  const gateway = await startGateway(t, { upstream: provider.url, yaml: 'stream: { keep_alive: 1s }' })
  const probe = new StreamProbe(await gateway.fetch('/chat/completions', { body: chat({ stream: true }) }))
  await probe.until(': keep-alive\n\n')
  const { response } = await provider.request(0)
  const event = chatChunk('one')
  response.write(event.slice(0, 30))
  await probe.until(': keep-alive\n\n: keep-alive\n\n')
  response.end(`${event.slice(30)}${finishChunk}data: [DONE]\n\n`)
  const text = await probe.toEnd()
  t.equal(text.replaceAll(': keep-alive\n\n', ''), `${event}${finishChunk}data: [DONE]\n\n`)
})
