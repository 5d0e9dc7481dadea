import { once } from 'node:events'
import type { Socket } from 'node:net'
import t from 'tap'
import { rowsOf } from '../helpers/ledger-rows.ts'
import { completion, sendJson, startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'
import { RawConnection } from './raw-connection.ts'
import { get, key, post } from './wire-case.ts'

const lastOnes = {
  'an expectation that is refused': [get('/v1/models', 'expect: more'), 417],
  'a head that two servers could read differently': [get('/v1/models', 'host: a', 'host: b'), 400]
} as const

for (const [what, [last, status]] of Object.entries(lastOnes)) {
  for (const together of [true, false]) {
    t.test(`${what}, and a request ${together ? 'with' : 'after'} it`, async t => {
      const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
      const { app, url, ledger } = await startPublicListener(t, { upstream: provider.url, key })
      const accepted = once(app.server, 'connection')
      const connection = await RawConnection.open(url)
      t.teardown(() => { connection.destroy() })
      const [socket] = await accepted as [Socket]
      const closed = new Promise(resolve => socket.once('close', resolve))
      connection.send(together ? Buffer.concat([Buffer.from(last), post()]) : last)
      t.equal((await connection.answer()).status, status)
      if (!together) connection.send(post())
      t.equal(await connection.rest(), '', 'no second answer')
      await closed
      t.equal(provider.requests.length, 0, 'nothing goes upstream')
      t.strictSame(await rowsOf(ledger), [])
    })
  }
}

t.test('a request behind one that is answered before the process ends', async t => {
  const provider = await startProvider(t, () => {})
  const { app, url } = await startPublicListener(t, { upstream: provider.url, key })
  app.server.prependListener('request', (_request, response) => { response.shouldKeepAlive = false })
  const connection = await RawConnection.open(url)
  connection.send(post())
  const { response } = await provider.request(0)
  const came = once(app.server, 'request')
  connection.send(post())
  await came
  sendJson(response, completion)
  t.equal((await connection.answer()).headers.get('connection'), 'close')
  t.equal(await connection.rest(), '')
  t.equal(provider.requests.length, 1)
})
