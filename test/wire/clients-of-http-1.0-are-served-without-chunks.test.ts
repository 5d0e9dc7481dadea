import t from 'tap'
import { chatChunk, completion, finishChunk, openStream, sendJson, startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'
import { RawConnection } from './raw-connection.ts'
import { checkFailure, get, key, post, validBody } from './wire-case.ts'

const oldPost = (body: string) => post(body).toString().replace('HTTP/1.1', 'HTTP/1.0').replace('host: tollgate.test\r\n', '')
const streamed = '{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}'
const done = `${chatChunk('Hello')}${finishChunk}data: [DONE]\n\n`

t.test('HTTP/1.0', async t => {
  const provider = await startProvider(t, ({ response, body }) => {
    if (!body.includes('"stream":true')) {
      sendJson(response, completion)
      return
    }
    openStream(response)
    response.end(done)
  })
  const { url } = await startPublicListener(t, { upstream: provider.url, key })

  await t.test('a completion, without Host', async t => {
    const connection = await RawConnection.open(url)
    connection.send(oldPost(validBody))
    const answer = await connection.answer()
    t.equal(answer.status, 200)
    t.equal(JSON.parse(answer.body).object, 'chat.completion')
    t.equal(await connection.rest(), '', 'the connection is closed')
  })

  await t.test('a stream, which only the end of the connection ends', async t => {
    const connection = await RawConnection.open(url)
    connection.send(oldPost(streamed))
    const raw = await connection.rest()
    t.match(raw, /^HTTP\/1\.1 200 /)
    t.notMatch(raw, /transfer-encoding/i)
    t.match(raw, /content-type: text\/event-stream/i)
    t.equal(raw.slice(raw.indexOf('\r\n\r\n') + 4), done)
  })

  await t.test('a failure', async t => {
    const connection = await RawConnection.open(url)
    connection.send(get('/v1/nothing').replace('HTTP/1.1', 'HTTP/1.0'))
    checkFailure(t, await connection.answer(), 'unknown_url')
    t.equal(await connection.rest(), '')
  })
})
