import { randomBytes, randomInt } from 'node:crypto'
import { test } from 'tap'
import { mintAdminKey } from '../../src/keys/key.ts'
import type { Directory } from '../../src/stores/directory.ts'
import { startPublicListener } from '../helpers/public-listener.ts'

const guesses = 100_000
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

function counting (directory: Directory, look: () => void): Directory {
  return new Proxy(directory, {
    get: (target, name) => {
      if (name === 'credential') look()
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}

test(`${guesses} near misses and random keys are refused without one look into the store`, async t => {
  t.setTimeout(300_000)
  let looks = 0
  const { app, key } = await startPublicListener(t, {
    upstream: 'http://127.0.0.1:9/v1',
    yaml: 'door: { max: 100000000 }\n',
    through: directory => counting(directory, () => { looks++ })
  })
  let refused = 0
  for (let number = 0; number < guesses; number++) {
    const { statusCode } = await app.inject({ url: '/v1/models', headers: { authorization: `Bearer ${guess(key)}` } })
    if (statusCode === 401) refused++
  }
  t.equal(refused, guesses)
  t.equal(looks, 0)
  await app.inject({ url: '/v1/tollgate/me', headers: { authorization: `Bearer ${key}` } })
  t.equal(looks, 1, 'the key itself is looked up')
})
