import t from 'tap'
import type { Test } from 'tap'
import { until } from '../helpers/until.ts'
import type { PublicListener } from '../helpers/public-listener.ts'
import { askWith, createKey, refusalOf, startKeyListener, tester } from './key-listener.ts'

const max = 5
const door = `door: {max: ${max}, window: 60s}`
const behindProxy = `{trust_proxy: [127.0.0.1], ${door}}`
const from = (address: string) => ({ 'x-forwarded-for': address })

/** Sends bad keys until the address is refused unseen. */
async function flood (t: Test, listener: PublicListener, headers: Record<string, string> = {}): Promise<Response> {
  for (let refused = 0; refused <= max; refused++) t.equal((await askWith(listener, 'nonsense', headers)).status, 401)
  return await askWith(listener, 'nonsense', headers)
}

t.test('whoever sends too many bad keys has to wait', async t => {
  const listener = await startKeyListener(t, { yaml: door })
  const closed = await flood(t, listener)
  t.equal(closed.status, 429)
  const { code, message } = await refusalOf(closed)
  t.equal(code, 'rate_limit_exceeded')
  t.match(message, /without a valid key/)
  const [seconds, ms] = ['retry-after', 'retry-after-ms'].map(name => Number(closed.headers.get(name)))
  t.ok(seconds !== undefined && seconds >= 1 && seconds <= 60, 'seconds to wait')
  t.ok(ms !== undefined && ms >= 1 && ms <= 60_000, 'ms to wait')
})

t.test('a key that has been good before is not held for what others did at its address', async t => {
  const listener = await startKeyListener(t, { yaml: door })
  t.equal((await askWith(listener, listener.key)).status, 200)
  t.equal((await flood(t, listener)).status, 429)
  t.equal((await askWith(listener, listener.key)).status, 200)
  await listener.directory.projects.update('proj_default', () => ({ name: 'renamed' }), tester)
  t.equal((await askWith(listener, listener.key)).status, 200, 'nor when something about it has changed')
  t.equal((await askWith(listener, (await createKey(listener.directory)).token)).status, 429, 'a key never seen before is')
})

t.test('good requests do not count', async t => {
  const listener = await startKeyListener(t, { yaml: door })
  for (let request = 0; request < 3 * max; request++) t.equal((await askWith(listener, listener.key)).status, 200)
  t.equal((await askWith(listener, 'nonsense')).status, 401)
})

t.test('the door opens again', async t => {
  const listener = await startKeyListener(t, { yaml: `door: {max: ${max}, window: 1s}` })
  t.equal((await flood(t, listener)).status, 429)
  await until(async () => (await askWith(listener, 'nonsense')).status === 401)
})

t.test('other addresses are not concerned', async t => {
  const listener = await startKeyListener(t, { yaml: behindProxy })
  t.equal((await flood(t, listener, from('192.0.2.1'))).status, 429)
  t.equal((await askWith(listener, 'nonsense', from('192.0.2.2'))).status, 401)
  t.equal((await askWith(listener, listener.key, from('192.0.2.2'))).status, 200)
})

t.test('in IPv6 the addresses of one customer, a /64, are one', async t => {
  const listener = await startKeyListener(t, { yaml: behindProxy })
  for (let host = 0; host <= max; host++) t.equal((await askWith(listener, 'nonsense', from(`2001:db8:0:1::${host}`))).status, 401)
  t.equal((await askWith(listener, 'nonsense', from('2001:db8:0:1:ffff::1'))).status, 429)
  t.equal((await askWith(listener, 'nonsense', from('2001:db8:0:2::1'))).status, 401)
})

t.test('IPv4 written as IPv6 is told apart by all of the address', async t => {
  const listener = await startKeyListener(t, { yaml: behindProxy })
  t.equal((await flood(t, listener, from('::ffff:192.0.2.1'))).status, 429)
  t.equal((await askWith(listener, 'nonsense', from('192.0.2.1'))).status, 429)
  t.equal((await askWith(listener, 'nonsense', from('::ffff:192.0.2.2'))).status, 401)
})

t.test('an address that is only claimed is not believed', async t => {
  const listener = await startKeyListener(t, { yaml: door })
  t.equal((await flood(t, listener)).status, 429)
  t.equal((await askWith(listener, 'nonsense', from('192.0.2.9'))).status, 429)
})
