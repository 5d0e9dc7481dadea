import t from 'tap'
import { isEncoded, isEventStream } from '../../src/openai/headers.ts'
import { rowsOf } from '../helpers/ledger-rows.ts'
import { chat, chatChunk, completion, finishChunk, startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'

const events = `${chatChunk('Hi')}${finishChunk}data: [DONE]\n\n`
const json = JSON.stringify(completion)

for (const [name, value] of [['content-type', ''], ['content-encoding', 'identity'], ['content-encoding', 'Identity']] as const) {
  t.test(`${name}: ${value} twice`, async t => {
    const provider = await startProvider(t, ({ response, body }) => {
      const isStream = body.includes('"stream":true')
      const type = isStream ? 'text/event-stream' : 'application/json'
      response.writeHead(200, ['content-type', type, name, value || type, name, value || type].slice(value === '' ? 2 : 0))
      response.end(isStream ? events : json)
    })
    const { post, ledger } = await startPublicListener(t, { upstream: provider.url })
    const whole = await post('/chat/completions', chat())
    t.strictSame([whole.status, await whole.text()], [200, json])
    const stream = await post('/chat/completions', chat({ stream: true }))
    t.strictSame([stream.status, await stream.text()], [200, events])
    t.strictSame((await rowsOf(ledger)).map(({ kind, status }) => [kind, status]), [['settled', '200'], ['settled', '200']])
  })
}

t.test('what the head says of the body', async t => {
  for (const type of ['text/event-stream', 'Text/Event-Stream; charset=utf-8']) t.ok(isEventStream({ 'content-type': type }), type)
  for (const type of [undefined, 'application/json', '', []]) t.notOk(isEventStream({ 'content-type': type }), String(type))
  t.notOk(isEventStream({ 'content-type': ['application/json', 'text/event-stream'] }))
  for (const coding of [undefined, '', 'identity', 'IDENTITY', 'identity, identity', ['identity', '']]) t.notOk(isEncoded({ 'content-encoding': coding }), String(coding))
  for (const coding of ['gzip', 'identity, gzip', ['identity', 'br'], 'x']) t.ok(isEncoded({ 'content-encoding': coding }), String(coding))
})
