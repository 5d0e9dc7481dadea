import t from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { chat, chatChunk, finishChunk, openStream, startProvider } from '../helpers/provider.ts'
import { StreamProbe } from '../helpers/sse.ts'

t.test('each event reaches the client before the upstream sends the next', async t => {
  const provider = await startProvider(t, ({ response }) => { openStream(response) })
  const gateway = await startGateway(t, { upstream: provider.url })
  const response = await gateway.fetch('/chat/completions', { body: chat({ stream: true }) })
  t.equal(response.status, 200, 'the head comes before any event')
  t.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  t.equal(response.headers.get('cache-control'), 'no-cache, no-transform')
  t.equal(response.headers.get('x-accel-buffering'), 'no')
  t.match(response.headers.get('x-request-id'), /^req_[0-9a-f]{32}$/)

  const { response: upstream } = await provider.request(0)
  const probe = new StreamProbe(response)
  for (const word of ['one', 'two', 'drei ✓']) {
    upstream.write(chatChunk(word))
    await probe.until(chatChunk(word))
  }
  upstream.end(`${finishChunk}data: [DONE]\n\n`)
  t.equal(await probe.toEnd(), `${['one', 'two', 'drei ✓'].map(word => chatChunk(word)).join('')}${finishChunk}data: [DONE]\n\n`)
})

t.test('an event that comes in pieces waits until it is whole', async t => {
  const provider = await startProvider(t, ({ response }) => { openStream(response) })
  const gateway = await startGateway(t, { upstream: provider.url })
  const response = await gateway.fetch('/chat/completions', { body: chat({ stream: true }) })
  const { response: upstream } = await provider.request(0)
  const probe = new StreamProbe(response)
  const second = chatChunk('zwei')
  upstream.write(chatChunk('eins') + second.slice(0, 20))
  t.equal(await probe.until('eins'), chatChunk('eins'), 'nothing of the second event')
  upstream.write(second.slice(20))
  t.equal(await probe.until('zwei'), chatChunk('eins') + second)
  upstream.end(`${finishChunk}data: [DONE]\n\n`)
  await probe.toEnd()
})
