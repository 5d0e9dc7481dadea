import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'tap'
import type { Test } from 'tap'
import type { Directory } from '../../src/stores/directory.ts'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'
import type { PublicListener } from '../helpers/public-listener.ts'
import { connectTo, rawChatHead } from '../helpers/raw-client.ts'
import { until } from '../helpers/until.ts'

const machine = 4 * 1024 ** 3
/** So many pass however full the memory is. */
const leastInFlight = 4

/** A listener on a machine of 4 GB, whose store knows no key before `ready`. */
async function startListener (t: Test, ready = Promise.resolve()): Promise<PublicListener> {
  t.intercept(process, 'constrainedMemory', { value: () => machine })
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const through = (directory: Directory): Directory => new Proxy(directory, {
    get (target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (name === 'keyDigest') return async (id: string) => await ready.then(async () => await target.keyDigest(id))
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
  return await startPublicListener(t, { upstream: provider.url, through })
}

/** Sends the head of a request whose body does not come, and waits until the listener has it. Returns both ends of the connection. */
async function announce (t: Test, { app, url, key }: PublicListener, bytes: number, ...lines: readonly string[]): Promise<[Socket, Socket]> {
  const client = connectTo(url)
  t.teardown(() => { client.destroy() })
  const came = once(app.server, 'request')
  client.write([`${rawChatHead(key)}content-length: ${bytes}`, ...lines, '', ''].join('\r\n'))
  const [{ socket }] = await came as [{ socket: Socket }]
  return [client, socket]
}

async function statusOfLargeBody (listener: PublicListener): Promise<number> {
  const answer = await listener.post('/chat/completions', chat({ messages: [{ role: 'user', content: 'x'.repeat(100_000) }] }))
  await answer.text()
  return answer.status
}

test('of clients that leave before their keys are known', async t => {
  const known = Promise.withResolvers<void>()
  const listener = await startListener(t, known.promise)
  for (let left = 0; left < 25; left++) {
    const [client, socket] = await announce(t, listener, 20_000_000)
    const gone = new Promise(resolve => socket.once('close', resolve))
    client.resetAndDestroy()
    await gone
  }
  known.resolve()
  t.equal(await statusOfLargeBody(listener), 200)
  for (let open = 0; open < leastInFlight; open++) await announce(t, listener, 10)
  t.equal(await statusOfLargeBody(listener), 200, 'and when the memory counts')
})

test('of clients that leave when they are refused', async t => {
  const listener = await startListener(t)
  for (let refused = 0; refused < 25; refused++) {
    const [client, socket] = await announce(t, listener, 20_000_000, 'content-encoding: gzip')
    const gone = new Promise(resolve => socket.once('close', resolve))
    const [answer] = await once(client, 'data')
    t.match(String(answer), /^HTTP\/1.1 415 /)
    client.destroy()
    await gone
  }
  for (let open = 0; open < leastInFlight; open++) await announce(t, listener, 10)
  // What they took is given back when the memory is looked at next.
  await until(async () => await statusOfLargeBody(listener) === 200)
})

test('that are refused for their length', async t => {
  const listener = await startListener(t)
  for (let open = 0; open < leastInFlight - 1; open++) await announce(t, listener, 10)
  const [client] = await announce(t, listener, 1e12)
  const [answer] = await once(client, 'data')
  t.match(String(answer), /^HTTP\/1.1 413 /)
  for (let open = 0; open < 2; open++) await announce(t, listener, 10)
  t.equal(await statusOfLargeBody(listener), 200)
})
