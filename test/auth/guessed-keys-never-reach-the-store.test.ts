import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'tap'
import { isKeyFault, mintAdminKey, mintKey, parseKey } from '../../src/keys/key.ts'
import type { Directory } from '../../src/stores/directory.ts'
import { askWith, startKeyListener } from './key-listener.ts'

const guesses = 100_000
/** Requests that are sent before their answers are read: one after the other they would take a minute. */
const atOnce = 500
const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Text that resembles the key more or less, and is none: another letter, a letter too few or too many, two swapped, noise. */
function guess (key: string): string {
  const at = randomInt(6, key.length)
  switch (randomInt(6)) {
    case 0: return key.slice(0, at) + other(key[at]) + key.slice(at + 1)
    case 1: return key.slice(0, at) + key.slice(at + 1)
    case 2: return key.slice(0, at) + letters[randomInt(62)] + key.slice(at)
    case 3: return `sk-tg_${randomBytes(26).toString('hex')}`
    case 4: return `sk-${randomBytes(24).toString('base64url')}`
    default: return mintAdminKey().token
  }
}

function other (letter: string | undefined): string {
  const rest = letters.replace(letter ?? '', '')
  return rest[randomInt(rest.length)] ?? '0'
}

/** Sends a request with each key over the connection, and counts the answers by their status. */
async function statuses (socket: Socket, keys: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  let rest = ''
  let open = keys.length
  const answered = new Promise<void>(resolve => {
    socket.on('data', chunk => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const status = /^(?:.*\})?HTTP\/1\.1 (\d{3})/.exec(line)?.[1]
        if (status === undefined) continue
        counts[status] = (counts[status] ?? 0) + 1
        if (--open === 0) resolve()
      }
    })
  })
  socket.write(keys.map(key => `GET /v1/models HTTP/1.1\r\nhost: t\r\nauthorization: Bearer ${key}\r\n\r\n`).join(''))
  await answered
  socket.removeAllListeners('data')
  return counts
}

test(`${guesses} near misses and random keys are refused without one look into the store`, async t => {
  const looks: string[] = []
  const through = (directory: Directory): Directory => new Proxy(directory, {
    get (target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (name === 'keyDigest' || name === 'credential') looks.push(name)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
  const listener = await startKeyListener(t, { through, quiet: true, yaml: 'door: { max: 1000000 }' })
  const socket = connect(Number(new URL(listener.url).port), '127.0.0.1')
  t.teardown(() => { socket.destroy() })
  await once(socket, 'connect')

  let refused = 0
  for (let sent = 0; sent < guesses; sent += atOnce) {
    const keys = Array.from({ length: atOnce }, () => guess(listener.key))
    if (keys.some(key => !isKeyFault(parseKey(key)))) t.fail('a guess has a right checksum')
    refused += (await statuses(socket, keys))['401'] ?? 0
  }
  t.equal(refused, guesses)
  t.strictSame(looks, [])
  t.equal((await askWith(listener, mintKey().token)).status, 401)
  t.strictSame(looks, ['keyDigest'], 'only what may be a key is looked up')
  t.equal((await askWith(listener, listener.key)).status, 200)
})
