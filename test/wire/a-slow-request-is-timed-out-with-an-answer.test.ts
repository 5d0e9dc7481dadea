import t from 'tap'
import type { Test } from 'tap'
import { startPublicListener } from '../helpers/public-listener.ts'
import { chatChunk, completion, finishChunk, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import { RawConnection } from './raw-connection.ts'
import { checkFailure, get, head, key, post } from './wire-case.ts'

/** ms; short, because every test here waits for one of them. */
const timeouts = { headers: 100, request: 200, interval: 20 }

async function connect (t: Test, answer: Parameters<typeof startProvider>[1] = ({ response }) => { sendJson(response, completion) }) {
  const provider = await startProvider(t, answer)
  const listener = await startPublicListener(t, { upstream: provider.url, key, timeouts })
  const connection = await RawConnection.open(listener.url)
  t.teardown(() => { connection.destroy() })
  return { provider, connection, listener }
}

/** Sends one piece after the other until the connection is closed. */
async function trickle (t: Test, connection: RawConnection, piece: string): Promise<void> {
  const drip = setInterval(() => { connection.send(piece) }, 10)
  t.teardown(() => { clearInterval(drip) })
  checkFailure(t, await connection.answer(), 'request_timeout')
  t.equal(await connection.rest(), '', 'the connection is closed')
}

t.test('headers that come line by line', async t => {
  const { connection } = await connect(t)
  connection.send('POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\n')
  await trickle(t, connection, 'x-slow: 1\r\n')
})

t.test('a body that comes byte by byte', async t => {
  const { connection, provider } = await connect(t)
  connection.send(head('POST /v1/chat/completions HTTP/1.1', 'content-type: application/json', 'content-length: 1000000'))
  await trickle(t, connection, ' ')
  t.equal(provider.requests.length, 0)
})

t.test('a chunked body that comes byte by byte', async t => {
  const { connection } = await connect(t)
  connection.send(head('POST /v1/chat/completions HTTP/1.1', 'content-type: application/json', 'transfer-encoding: chunked'))
  await trickle(t, connection, '1\r\n \r\n')
})

t.test('a connection on which nothing comes', async t => {
  const { connection } = await connect(t)
  checkFailure(t, await connection.answer(), 'request_timeout')
  await connection.rest()
})

t.test('a body that never comes after its 100', async t => {
  const { connection } = await connect(t)
  connection.send(head('POST /v1/chat/completions HTTP/1.1', 'content-type: application/json', 'content-length: 10', 'expect: 100-continue'))
  t.equal((await connection.answer()).status, 100)
  checkFailure(t, await connection.answer(), 'request_timeout')
})

t.test('a slow answer is not a slow request', async t => {
  const { connection } = await connect(t, ({ response }) => { setTimeout(() => { sendJson(response, completion) }, 2 * timeouts.request) })
  connection.send(post())
  t.equal((await connection.answer()).status, 200)
})

t.test('a slow request behind an open stream does not break the stream', async t => {
  const { connection, provider, listener } = await connect(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('first'))
  })
  const timedOut = new Promise<void>(resolve => { listener.app.server.once('clientError', () => { resolve() }) })
  connection.send(post('{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}'))
  await connection.until('first')
  connection.send(get('/v1/models').slice(0, -2))
  await timedOut
  const { response } = await provider.request(0)
  response.end(`${finishChunk}data: [DONE]\n\n`)
  const stream = await connection.answer()
  t.ok(stream.body.endsWith('data: [DONE]\n\n'))
  checkFailure(t, await connection.answer(), 'request_timeout')
})
