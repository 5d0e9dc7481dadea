import t from 'tap'
import type { Test } from 'tap'
import { mintKey } from '../../src/keys/key.ts'
import { StoreUnavailableError } from '../../src/stores/unavailable.ts'
import type { Directory } from '../../src/stores/directory.ts'
import type { PublicListener } from '../helpers/public-listener.ts'
import { askWith, createKey, refusalOf, startKeyListener, withOtherSecret } from './key-listener.ts'

interface Watched {
  readonly listener: PublicListener
  /** What the store was asked for. */
  readonly asked: string[]
  /** From now on the store does not answer. */
  fail (): void
}

/** `ready`: the store answers nothing before. */
async function startWatched (t: Test, ready = Promise.resolve()): Promise<Watched> {
  const asked: string[] = []
  let failing = false
  const through = (directory: Directory): Directory => new Proxy(directory, {
    get (target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (name !== 'credential' && name !== 'keyDigest') return typeof value === 'function' ? value.bind(target) : value
      return async (id: string) => {
        asked.push(name)
        await ready
        if (failing) throw new StoreUnavailableError('the directory', new Error('for the test'))
        return await target[name](id)
      }
    }
  })
  const listener = await startKeyListener(t, { through })
  return { listener, asked, fail: () => { failing = true } }
}

t.test('not for what is no key', async t => {
  const { listener, asked } = await startWatched(t)
  const { key } = listener
  for (const token of ['nonsense', 'sk-proj-0123456789', `${key}0`, key.slice(0, -3), `${key.slice(0, -6)}000000`]) {
    t.equal((await askWith(listener, token)).status, 401)
  }
  t.strictSame(asked, [])
})

t.test('once for a key that is used again', async t => {
  const { listener, asked } = await startWatched(t)
  for (let request = 0; request < 5; request++) t.equal((await askWith(listener, listener.key)).status, 200)
  t.strictSame(asked, ['keyDigest', 'credential'])
})

t.test('once for requests that come together', async t => {
  const together = Promise.withResolvers<void>()
  const { listener, asked } = await startWatched(t, together.promise)
  let came = 0
  listener.app.server.on('request', () => { if (++came === 20) together.resolve() })
  const answers = await Promise.all(Array.from({ length: 20 }, async () => await askWith(listener, listener.key)))
  t.ok(answers.every(({ status }) => status === 200))
  t.strictSame(asked, ['keyDigest', 'credential'])
})

t.test('for a guess as often, and for no more than a digest, whether there is a key of that id or not', async t => {
  const { listener, asked } = await startWatched(t)
  t.equal((await askWith(listener, listener.key)).status, 200)
  const unused = await createKey(listener.directory)
  for (const key of [listener.key, unused.token, mintKey().token]) {
    asked.length = 0
    for (let guess = 0; guess < 3; guess++) t.equal((await askWith(listener, withOtherSecret(key))).status, 401)
    t.strictSame(asked, ['keyDigest', 'keyDigest', 'keyDigest'])
  }
})

t.test('while the store is away, keys known lately work, and others are told to come again', async t => {
  const { listener, fail } = await startWatched(t)
  const other = await createKey(listener.directory)
  t.equal((await askWith(listener, listener.key)).status, 200)
  fail()
  t.equal((await askWith(listener, listener.key)).status, 200)
  for (const token of [other.token, mintKey().token, withOtherSecret(other.token)]) {
    const refused = await askWith(listener, token)
    t.equal(refused.status, 503)
    t.equal(refused.headers.get('retry-after'), '1')
    t.equal((await refusalOf(refused)).code, 'auth_unavailable')
  }
})
