import t from 'tap'
import { chat, chatChunk, startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'

const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'

for (const [what, said] of Object.entries({
  'another protocol': 'SSH-2.0-OpenSSH_9.2p1\r\n',
  'a header with a control character': `${head}x: a\x01b\r\ncontent-length: 2\r\n\r\n{}`,
  'chunks without a length': `${head}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n`
})) {
  t.test(what, async t => {
    const provider = await startProvider(t, ({ socket }) => { socket.write(said) })
    const { post } = await startPublicListener(t, { upstream: provider.url })
    const answer = await post('/chat/completions', chat())
    t.equal(answer.status, 502)
    t.match(await answer.json(), { error: { code: 'upstream_invalid_response' } })
    t.equal(provider.requests.length, 1, 'it is not asked again: the request may have been served')
  })
}

t.test('in the middle of a stream', async t => {
  const provider = await startProvider(t, ({ socket }) => {
    const event = chatChunk('Hi')
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${event.length.toString(16)}\r\n${event}\r\nzz\r\n`)
  })
  const { post } = await startPublicListener(t, { upstream: provider.url })
  const stream = await (await post('/chat/completions', chat({ stream: true }))).text()
  t.match(stream, /"Hi".*"code":"upstream_invalid_response"/s)
})

t.test('a connection that ends before its answer is lost', async t => {
  const provider = await startProvider(t, ({ socket }) => { socket.destroy() })
  const { post } = await startPublicListener(t, { upstream: provider.url })
  t.match(await (await post('/chat/completions', chat())).json(), { error: { code: 'upstream_disconnected' } })
})
