import { once } from 'node:events'
import t from 'tap'
import { startPublicListener } from '../helpers/public-listener.ts'
import { completion, sendJson, startProvider } from '../helpers/provider.ts'
import { RawConnection } from './raw-connection.ts'
import { checkFailure, get, head, key, post, validBody } from './wire-case.ts'

const halfBody = post().subarray(0, -10)
const framingFault = head('POST /v1/chat/completions HTTP/1.1', 'content-length: 1', 'content-length: 2')

const fragments = {
  'in the request line': 'POST /v1/ch',
  'in the headers': 'POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\n',
  'in the body': halfBody,
  'after a whole request': post(),
  'after CONNECT': head('CONNECT example.com:443 HTTP/1.1'),
  'after an upgrade': get('/v1/responses', 'connection: upgrade', 'upgrade: websocket'),
  'after a fault of framing': framingFault,
  'while it waits for its 100': head('POST /v1/chat/completions HTTP/1.1', 'content-type: application/json', 'expect: 100-continue', 'content-length: 10')
}

t.test('clients that break off', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const { url, app } = await startPublicListener(t, { upstream: provider.url, key })
  for (const [where, bytes] of Object.entries(fragments)) {
    await t.test(`with a reset ${where}`, async t => {
      const accepted = once(app.server, 'connection')
      const connection = await RawConnection.open(url)
      connection.send(bytes)
      const [socket] = await accepted as [NodeJS.EventEmitter]
      const closed = new Promise(resolve => socket.once('close', resolve))
      connection.reset()
      await closed
      t.pass('the gateway lets go of it')
    })
    await t.test(`with an orderly end ${where}`, async () => {
      const connection = await RawConnection.open(url)
      connection.send(bytes)
      connection.end()
      await connection.rest()
    })
  }
  const connection = await RawConnection.open(url)
  connection.send(post(validBody, 'connection: close'))
  t.equal((await connection.answer()).status, 200, 'and others are served')
})

t.test('half a request is told so', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const { url } = await startPublicListener(t, { upstream: provider.url, key })
  const connection = await RawConnection.open(url)
  connection.send(halfBody)
  connection.end()
  checkFailure(t, await connection.answer(), 'bad_request')
  t.equal(provider.requests.length, 0, 'and nothing goes upstream')
})

t.test('who still sends when it is refused can read why', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const { url } = await startPublicListener(t, { upstream: provider.url, key, yaml: 'body: {max_bytes: 1MiB}' })
  const rest = 'x'.repeat(10_000_000)
  const json = 'content-type: application/json'
  for (const [what, bytes, code] of [
    ['a fault of framing', framingFault + rest, 'bad_request'],
    ['a body that is too large', head('POST /v1/chat/completions HTTP/1.1', json, `content-length: ${rest.length}`) + rest, 'request_too_large'],
    ['a chunked body that is too large', `${head('POST /v1/chat/completions HTTP/1.1', json, 'transfer-encoding: chunked')}fffffff\r\n${rest}`, 'request_too_large'],
    ['a body for a bad key', head('POST /v1/chat/completions HTTP/1.1', json, 'authorization: Bearer x', `content-length: ${rest.length}`) + rest, 'invalid_api_key']
  ] as const) {
    await t.test(what, async t => {
      const connection = await RawConnection.open(url)
      await connection.sendBlindly(bytes)
      checkFailure(t, await connection.answer(), code)
      connection.destroy()
    })
  }
  t.equal(provider.requests.length, 0)
})
