import { randomBytes, randomInt } from 'node:crypto'
import Fastify from 'fastify'
import { test } from 'tap'
import auth from '../../plugins/auth.ts'
import door from '../../plugins/door.ts'
import errors from '../../plugins/errors.ts'
import { isKeyFault, mintAdminKey, mintKey, parseKey } from '../../src/keys/key.ts'
import type { Directory } from '../../src/stores/directory.ts'

/** Over HTTP a guess costs this test a thousand times more than by itself. */
const guesses = 100_000
const overHttp = 10_000
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

test(`${guesses} near misses and random keys are seen to be none by their text alone`, async t => {
  const { token: key } = mintKey()
  let taken = 0
  for (let number = 0; number < guesses; number++) if (!isKeyFault(parseKey(guess(key)))) taken++
  t.equal(taken, 0)
  t.notOk(isKeyFault(parseKey(key)))
})

test(`${overHttp} of them are refused without one look into the store`, async t => {
  const { token: key } = mintKey()
  let looks = 0
  const credential = async () => {
    looks++
    return null
  }
  const app = Fastify()
  await app.register(errors)
  await app.register(door, { max: 1e9, window: 60_000 })
  await app.register(auth, { directory: { credential, subscribe: () => () => {} } as unknown as Directory, pepper: 'a pepper for tests only' })
  app.get('/', () => 'in')

  const ask = async (token: string): Promise<number> => (await app.inject({ url: '/', headers: { authorization: `Bearer ${token}` } })).statusCode
  let refused = 0
  for (let number = 0; number < overHttp; number++) if (await ask(guess(key)) === 401) refused++
  t.equal(refused, overHttp)
  t.equal(looks, 0)
  t.equal(await ask(key), 401)
  t.equal(looks, 1, 'only what may be a key is looked up')
})
