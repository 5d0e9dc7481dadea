import t from 'tap'
import { connect } from 'node:net'
import { once } from 'node:events'
import { startGateway } from '../helpers/gateway.ts'

t.test('one that was only opened is closed, although Node would wait for its first request', async t => {
  const gateway = await startGateway(t, { yaml: 'drain: { delay: 0ms }' })
  const { hostname, port } = new URL(gateway.publicUrl)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  await gateway.server.drain()
  await closed
})
