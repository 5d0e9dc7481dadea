import t from 'tap'
import { checkCases, checkFailure, get, head, post, postTo, startListener, validBody } from './wire-case.ts'
import { RawConnection } from './raw-connection.ts'

const expecting = post(validBody, 'expect: 100-continue')
const expectingWith = (...lines: readonly string[]) => head('POST /v1/chat/completions HTTP/1.1', 'content-type: application/json', 'expect: 100-continue', ...lines)
const expectingHead = expecting.subarray(0, -validBody.length)

t.test('a good key gets its 100, and then the answer', async t => {
  const { gateway } = await startListener(t)
  const connection = await RawConnection.open(gateway.publicUrl)
  t.teardown(() => { connection.destroy() })
  connection.send(expectingHead)
  t.equal((await connection.answer()).status, 100)
  connection.send(validBody)
  t.equal((await connection.answer()).status, 200)
  connection.send(get('/v1/models'))
  t.equal((await connection.answer()).status, 200, 'and the connection goes on')
})

t.test('what is refused by its head gets no 100', async t => {
  const unwanted = { status: 401, code: 'invalid_api_key', closes: true } as const
  await checkCases(t, [
    { title: 'a bad key', send: expectingWith('authorization: Bearer nonsense', 'content-length: 10'), ...unwanted },
    { title: 'a bad key, and the body comes all the same', send: post(validBody, 'authorization: Bearer nonsense', 'expect: 100-continue'), ...unwanted },
    { title: 'a path that is not there', send: postTo('/v1/nothing', validBody, 'expect: 100-continue'), status: 404, code: 'unknown_url', closes: true },
    { title: 'a compressed body', send: post(validBody, 'expect: 100-continue', 'content-encoding: gzip'), status: 415, code: 'unsupported_encoding', closes: true },
    { title: 'a body that is too large', send: expectingWith('content-length: 100000000'), status: 413, code: 'request_too_large', closes: true }
  ])
})

t.test('other expectations', async t => {
  await checkCases(t, [
    { title: 'an expectation that nobody knows', send: post(validBody, 'expect: foo'), status: 417, code: 'expectation_failed', closes: true },
    { title: 'an unknown expectation beside the known one', send: post(validBody, 'expect: foo, 100-continue'), status: 417, code: 'expectation_failed', closes: true },
    { title: 'an expectation for GET', send: get('/v1/models', 'expect: foo'), status: 417, code: 'expectation_failed', closes: true }
  ])
})

t.test('HTTP/1.0 knows no expectations', async t => {
  const { gateway } = await startListener(t)
  const connection = await RawConnection.open(gateway.publicUrl)
  t.teardown(() => { connection.destroy() })
  connection.send(expecting.toString().replace('HTTP/1.1', 'HTTP/1.0'))
  t.equal((await connection.answer()).status, 200)
  t.equal(await connection.rest(), '')
})

t.test('an expectation that cannot be met while another answer is open waits for its turn', async t => {
  const { gateway } = await startListener(t)
  const connection = await RawConnection.open(gateway.publicUrl)
  t.teardown(() => { connection.destroy() })
  connection.send(Buffer.concat([post(), post(validBody, 'expect: foo')]))
  t.equal((await connection.answer()).status, 200)
  const second = await connection.answer()
  t.equal(second.status, 417)
  checkFailure(t, second, 'expectation_failed')
})
