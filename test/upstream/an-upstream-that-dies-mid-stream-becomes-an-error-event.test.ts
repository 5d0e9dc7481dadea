import { createParser } from 'eventsource-parser'
import type { EventSourceMessage } from 'eventsource-parser'
import t from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { chat, chatChunk, openStream, startProvider } from '../helpers/provider.ts'
import type { ReceivedRequest } from '../helpers/provider.ts'
import { StreamProbe } from '../helpers/sse.ts'

const deaths: Record<string, (request: ReceivedRequest) => void> = {
  'a reset connection': ({ socket }) => { socket.resetAndDestroy() },
  'a closed connection': ({ socket }) => { socket.destroy() },
  'a clean end without a finish': ({ response }) => { response.end() },
  'a clean end in the middle of an event': ({ response }) => { response.end('data: {"id":"chatcmpl-1","choi') }
}

for (const [name, die] of Object.entries(deaths)) {
  t.test(`chat completions: ${name}`, async t => {
    const provider = await startProvider(t, ({ response }) => {
      openStream(response)
      response.write(chatChunk('one'))
    })
    const gateway = await startGateway(t, { upstream: provider.url })
    const probe = new StreamProbe(await gateway.fetch('/chat/completions', { body: chat({ stream: true }) }))
    await probe.until('one')
    die(await provider.request(0))
    const events = parse(await probe.toEnd())
    t.equal(events.length, 2)
    t.notMatch(probe.text, '[DONE]')
    t.match(JSON.parse(events[1]?.data ?? ''), { error: { code: 'upstream_disconnected', type: 'upstream_error', param: null, message: String } })
    t.equal(events[1]?.event, undefined)
  })
}

t.test('responses: the error carries the next sequence number and both shapes', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write('event: response.created\ndata: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","output":[]}}\n\n')
  })
  const gateway = await startGateway(t, { upstream: provider.url })
  const probe = new StreamProbe(await gateway.fetch('/responses', { body: { model: 'm', input: 'Hi', stream: true } }))
  await probe.until('response.created')
  const { socket } = await provider.request(0)
  socket.destroy()
  const events = parse(await probe.toEnd())
  t.equal(events[1]?.event, 'error')
  t.match(JSON.parse(events[1]?.data ?? ''), {
    type: 'error',
    sequence_number: 1,
    code: 'upstream_disconnected',
    param: null,
    error: { type: 'upstream_error', code: 'upstream_disconnected', param: null, message: String }
  })
})

function parse (text: string): EventSourceMessage[] {
  const events: EventSourceMessage[] = []
  const parser = createParser({ onEvent: event => { events.push(event) } })
  parser.feed(text)
  return events
}
