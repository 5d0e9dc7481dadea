import { pino } from 'pino'
import t from 'tap'
import type { Test } from 'tap'
import { bootstrap } from '../../src/bootstrap.ts'
import { mintAdminKey } from '../../src/keys/key.ts'
import { buildOperator } from '../../src/operator.ts'
import type { OperatorServices } from '../../src/operator.ts'
import { openDirectory } from '../../src/stores/open.ts'
import { RawConnection } from './raw-connection.ts'
import { checkFailure, head } from './wire-case.ts'

const pepper = 'a pepper for tests only'
const adminKey = mintAdminKey().token
const withKey = `authorization: Bearer ${adminKey}`
const create = (...lines: string[]) => head('POST /v1/organization/projects HTTP/1.1', withKey, 'content-type: application/json', ...lines)
/** ms; short, because tests here wait for them. */
const timeouts = { headers: 100, request: 200, interval: 20 }

async function connect (t: Test) {
  const directory = await openDirectory('sqlite::memory:')
  await bootstrap(directory, pepper, { admin_key: adminKey })
  const log: string[] = []
  const logger = pino({ level: 'trace', base: null }, { write: line => { log.push(line) } })
  const services: Pick<OperatorServices, 'logger' | 'directory' | 'pepper' | 'door' | 'readiness'> = { logger, directory, pepper, door: { name: 'operator', max: 100, window: 1000, shared: null }, readiness: () => ({ ready: true, checks: {} }) }
  const app = await buildOperator(services as OperatorServices, timeouts)
  const connection = await RawConnection.open(await app.listen({ host: '127.0.0.1', port: 0 }))
  t.teardown(async () => {
    connection.destroy()
    await app.close()
    await directory.close()
  })
  return { connection, log }
}

t.test('requests are numbered as on the public one', async t => {
  const { connection } = await connect(t)
  connection.send(head('GET /livez HTTP/1.1'))
  t.match((await connection.answer()).headers.get('x-request-id'), /^req_[0-9a-f]{32}$/)
  connection.send(head('GET /livez HTTP/1.1', 'request-id: mine'))
  t.match((await connection.answer()).headers.get('x-request-id'), /^req_[0-9a-f]{32}$/, 'and not by the caller')
})

t.test('headers, and a body, that come bit by bit', async t => {
  for (const [start, piece] of [['GET /livez HTTP/1.1\r\nhost: t\r\n', 'x-slow: 1\r\n'], [create('content-length: 1000000'), ' ']] as const) {
    const { connection } = await connect(t)
    connection.send(start)
    const drip = setInterval(() => { connection.send(piece) }, 10)
    t.teardown(() => { clearInterval(drip) })
    checkFailure(t, await connection.answer(), 'request_timeout')
    t.equal(await connection.rest(), '', 'the connection is closed')
  }
})

t.test('what is not HTTP, or could be read in two ways', async t => {
  const refused = [
    ['\u0016\u0003\u0001\u0002garbage\r\n\r\n', 'bad_request'],
    ['GET /livez HTTP/1.1\r\nhost: t\r\nhost: u\r\n\r\n', 'bad_request'],
    ['GET /livez HTTP/1.1\r\n\r\n', 'bad_request'],
    [create('content-length: 5', 'transfer-encoding: chunked'), 'bad_request'],
    [head('GET /livez HTTP/1.1', `x-long: ${'x'.repeat(70_000)}`), 'headers_too_large'],
    [head('CONNECT example.com:443 HTTP/1.1'), 'method_not_allowed']
  ] as const
  for (const [bytes, code] of refused) {
    const { connection, log } = await connect(t)
    connection.send(bytes)
    checkFailure(t, await connection.answer(), code)
    await connection.rest()
    t.notOk(log.some(line => line.includes(adminKey)))
  }
})

t.test('a client that waits for its 100 is told to go on when its key is good', async t => {
  const { connection } = await connect(t)
  connection.send(create('content-length: 12', 'expect: 100-continue'))
  t.equal((await connection.answer()).status, 100)
  connection.send('{"name":"a"}')
  t.equal((await connection.answer()).status, 200)
  connection.send(head('POST /v1/organization/projects HTTP/1.1', 'authorization: Bearer nobody', 'content-length: 12', 'expect: 100-continue'))
  t.equal((await connection.answer()).status, 401)
})
