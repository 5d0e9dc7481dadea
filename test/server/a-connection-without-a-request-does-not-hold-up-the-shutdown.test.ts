import t from 'tap'
import { connect } from 'node:net'
import { once } from 'node:events'
import { startGateway } from '../helpers/gateway.ts'
import { RawConnection } from '../wire/raw-connection.ts'

t.test('one that was only opened is closed, although Node would wait for its first request', async t => {
  const gateway = await startGateway(t, { yaml: 'drain: { delay: 0ms }' })
  const { hostname, port } = new URL(gateway.publicUrl)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  await gateway.server.drain()
  await closed
})

t.test('one whose request was refused before its body had come', async t => {
  const gateway = await startGateway(t, { yaml: 'drain: { delay: 0ms }' })
  const connection = await RawConnection.open(gateway.publicUrl)
  const body = 'x'.repeat(1_000_000)
  connection.send(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`)
  t.equal((await connection.answer()).status, 401)
  await connection.sendBlindly(body)
  await gateway.server.drain()
  t.equal(await connection.rest(), '')
})
