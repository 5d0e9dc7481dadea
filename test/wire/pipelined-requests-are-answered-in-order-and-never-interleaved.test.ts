import { once } from 'node:events'
import t from 'tap'
import type { Test } from 'tap'
import { startPublicListener } from '../helpers/public-listener.ts'
import type { PublicListener } from '../helpers/public-listener.ts'
import { chatChunk, completion, finishChunk, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import type { ReceivedRequest } from '../helpers/provider.ts'
import { checkFailure, get, head, key, post, startListener } from './wire-case.ts'
import { RawConnection } from './raw-connection.ts'

const streamed = post('{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}')
const brokenChunk = `${head('POST /v1/chat/completions HTTP/1.1', 'content-type: application/json', 'transfer-encoding: chunked')}zz\r\n`

interface OpenStream {
  readonly listener: PublicListener
  readonly connection: RawConnection
  readonly upstream: ReceivedRequest
}

/** A connection whose first request is being answered by a stream. */
async function openOne (t: Test): Promise<OpenStream> {
  const provider = await startProvider(t, ({ response, body }) => {
    if (body.includes('"stream":true')) {
      openStream(response)
      response.write(chatChunk('first'))
    } else sendJson(response, completion)
  })
  const listener = await startPublicListener(t, { upstream: provider.url, key })
  const connection = await RawConnection.open(listener.url)
  t.teardown(() => { connection.destroy() })
  connection.send(streamed)
  const upstream = await provider.request(0)
  await connection.until('first')
  return { listener, connection, upstream }
}

function finish ({ upstream }: OpenStream): void {
  upstream.response.end(`${chatChunk('last')}${finishChunk}data: [DONE]\n\n`)
}

t.test('three requests at once', async t => {
  const { gateway } = await startListener(t)
  const connection = await RawConnection.open(gateway.publicUrl)
  connection.send(get('/v1/models') + get('/v1/nothing') + get('/v1/models/m'))
  t.match((await connection.answer()).body, /"list"/)
  t.match((await connection.answer()).body, /unknown_url/)
  t.match((await connection.answer()).body, /"id":"m"/)
  t.equal(connection.unread, '')
  connection.destroy()
})

t.test('a request behind an open stream is answered after it', async t => {
  const open = await openOne(t)
  const came = once(open.listener.app.server, 'request')
  open.connection.send(post())
  await came
  finish(open)
  const stream = await open.connection.answer()
  t.ok(stream.body.endsWith('data: [DONE]\n\n'))
  t.notMatch(stream.body, /chat\.completion"|error/)
  t.match((await open.connection.answer()).body, /"chat\.completion"/)
})

t.test('two thousand requests at once', async t => {
  const { gateway } = await startListener(t)
  const connection = await RawConnection.open(gateway.publicUrl)
  connection.send(get('/v1/nothing').repeat(2_000) + get('/v1/models', 'connection: close'))
  const answers = await connection.all()
  connection.destroy()
  t.equal(answers.length, 2_001)
  t.ok(answers.slice(0, -1).every(({ status }) => status === 404))
  t.equal(answers.at(-1)?.status, 200)
})

for (const [title, send, event, code] of [
  ['bytes that are no HTTP', '\x00\x01\x02\r\n\r\n', 'clientError', 'bad_request'],
  ['a request whose framing is in doubt', head('POST /v1/models HTTP/1.1', 'content-length: 1', 'content-length: 2'), 'clientError', 'bad_request'],
  ['a request whose body breaks', brokenChunk, 'clientError', 'bad_request'],
  ['CONNECT', head('CONNECT example.com:443 HTTP/1.1'), 'connect', 'method_not_allowed']
] as const) {
  t.test(`${title} behind an open stream: the stream ends whole, then comes the refusal`, async t => {
    const open = await openOne(t)
    const came = once(open.listener.app.server, event)
    open.connection.send(send)
    await came
    open.connection.send('and then some more')
    finish(open)
    const stream = await open.connection.answer()
    t.ok(stream.body.endsWith('data: [DONE]\n\n'))
    t.notMatch(stream.body, /error/)
    const refusal = await open.connection.answer()
    checkFailure(t, refusal, code)
    t.equal(await open.connection.rest(), '', 'and the connection is closed')
  })
}

for (const target of ['/v1/nothing', '/v1/models/%zz']) {
  t.test(`a body that breaks after its request to ${target} was refused brings no second answer`, async t => {
    const { gateway } = await startListener(t)
    const connection = await RawConnection.open(gateway.publicUrl)
    t.teardown(() => { connection.destroy() })
    connection.send(head(`POST ${target} HTTP/1.1`, 'content-type: application/json', 'transfer-encoding: chunked'))
    t.match((await connection.answer()).body, /unknown_url|invalid_url/)
    connection.send('zz\r\n')
    t.equal(await connection.rest(), '', 'it is only closed')
  })
}
