import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import type { Test } from 'tap'
import { answerSecrets } from '../../src/answers/secrets.ts'
import { AnswerSeal } from '../../src/stores/answer-seal.ts'
import type { Answer, AnswerKey, AnswerStore, Lease } from '../../src/stores/answer-store.ts'
import { until } from '../helpers/until.ts'

export const maxAnswerBytes = 1_048_576
export const seal = new AnswerSeal(answerSecrets('a secret of the contract\'s own').seal, maxAnswerBytes)

/** Long enough never to lapse within a test, ms. */
export const long = 60_000

export function newKey (project = 'proj_a'): AnswerKey {
  return { project, fingerprint: randomBytes(32).toString('base64url') }
}

export function answerOf (content: string): Answer {
  return { body: Buffer.from(JSON.stringify({ content })), storedAt: 1_700_000_000_123 }
}

export async function lead (store: AnswerStore, key: AnswerKey, ms = long): Promise<Lease> {
  const claim = await store.claim(key, ms, false)
  if (claim.is !== 'leader') throw new Error(`expected to lead, but ${claim.is}`)
  return claim.lease
}

export async function remember (store: AnswerStore, key: AnswerKey, answer: Answer, ttlMs = long): Promise<void> {
  await store.put(await lead(store, key), answer, ttlMs)
}

/** What an answer store promises, wherever it lives. */
export function answerStoreContract (t: Test, openEmpty: (t: Test) => Promise<AnswerStore>): void {
  remembering(t, openEmpty)
  leading(t, openEmpty)
  waiting(t, openEmpty)
  refreshing(t, openEmpty)
  purging(t, openEmpty)
}

function remembering (t: Test, openEmpty: (t: Test) => Promise<AnswerStore>): void {
  t.test('an answer comes back as it went in', async t => {
    const store = await openEmpty(t)
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.nat(2 ** 40), async (bytes, storedAt) => {
      const key = newKey()
      const answer = { body: Buffer.from(bytes), storedAt }
      await remember(store, key, answer)
      t.strictSame(await store.get(key), answer)
    }), { numRuns: 20 })
  })

  t.test('also a large one', async t => {
    const store = await openEmpty(t)
    const key = newKey()
    const body = Buffer.from(randomBytes(maxAnswerBytes / 2).toString('hex'))
    await remember(store, key, { body, storedAt: 1 })
    t.ok((await store.get(key))?.body.equals(body))
  })

  t.test('what was never stored is not there', async t => {
    const store = await openEmpty(t)
    t.equal(await store.get(newKey()), null)
  })

  t.test('no project gets another one\'s answer, even under the same fingerprint', async t => {
    const store = await openEmpty(t)
    const key = newKey('proj_a')
    await remember(store, key, answerOf('mine'))
    t.equal(await store.get({ ...key, project: 'proj_b' }), null)
  })

  t.test('an answer expires', async t => {
    const store = await openEmpty(t)
    const key = newKey()
    await remember(store, key, answerOf('brief'), 30)
    await until(async () => await store.get(key) === null)
    t.equal((await store.claim(key, long, false)).is, 'leader')
  })
}

function leading (t: Test, openEmpty: (t: Test) => Promise<AnswerStore>): void {
  t.test('of all who ask at once, one leads', async t => {
    const store = await openEmpty(t)
    const key = newKey()
    const claims = await Promise.all(Array.from({ length: 200 }, () => store.claim(key, long, false)))
    t.equal(claims.filter(({ is }) => is === 'leader').length, 1)
    t.equal(claims.filter(({ is }) => is === 'follower').length, 199)
  })

  t.test('who asks after the answer was stored gets it', async t => {
    const store = await openEmpty(t)
    const key = newKey()
    await remember(store, key, answerOf('done'))
    t.strictSame(await store.claim(key, long, false), { is: 'stored', answer: answerOf('done') })
  })

  t.test('another key has another leader', async t => {
    const store = await openEmpty(t)
    await lead(store, newKey())
    await lead(store, newKey())
  })

  t.test('a lease that is not renewed lapses, and stores nothing any more', async t => {
    const store = await openEmpty(t)
    const key = newKey()
    const lapsed = await lead(store, key, 20)
    await until(async () => (await store.claim(key, long, false)).is === 'leader')
    t.equal(await store.renew(lapsed, long), false)
    t.equal(await store.put(lapsed, answerOf('late'), long), false)
    t.equal(await store.get(key), null)
    await store.resign(lapsed, 'failed')
    t.equal((await store.claim(key, long, false)).is, 'follower', 'the new leader still leads')
  })

  t.test('a lease that is renewed does not', async t => {
    const store = await openEmpty(t)
    const key = newKey()
    const lease = await lead(store, key, 1000)
    t.equal(await store.renew(lease, long), true)
    t.strictSame(await store.wait(key, 1100), { is: 'timeout' })
    t.equal(await store.put(lease, answerOf('in time'), long), true)
  })
}

function waiting (t: Test, openEmpty: (t: Test) => Promise<AnswerStore>): void {
  t.test('all who wait get the answer', async t => {
    const store = await openEmpty(t)
    const key = newKey()
    const lease = await lead(store, key)
    const waits = Array.from({ length: 50 }, () => store.wait(key, long))
    t.equal(await store.put(lease, answerOf('for all'), long), true)
    for (const awaited of await Promise.all(waits)) t.strictSame(awaited, { is: 'stored', answer: answerOf('for all') })
  })

  for (const how of ['failed', 'vacant'] as const) {
    t.test(`a leader that resigns as ${how} says so to all who wait, and the place is free`, async t => {
      const store = await openEmpty(t)
      const key = newKey()
      const lease = await lead(store, key)
      const waits = Promise.all([store.wait(key, long), store.wait(key, long)])
      await store.resign(lease, how)
      t.strictSame(await waits, [{ is: how }, { is: how }])
      await lead(store, key)
    })
  }

  t.test('a leader that dies leaves its place vacant', async t => {
    const store = await openEmpty(t)
    const key = newKey()
    await lead(store, key, 50)
    t.strictSame(await store.wait(key, long), { is: 'vacant' })
  })

  t.test('nobody waits for what is there, or for nobody', async t => {
    const store = await openEmpty(t)
    const key = newKey()
    t.strictSame(await store.wait(key, long), { is: 'vacant' })
    await remember(store, key, answerOf('there'))
    t.strictSame(await store.wait(key, long), { is: 'stored', answer: answerOf('there') })
  })

  t.test('a wait ends at its own deadline', async t => {
    const store = await openEmpty(t)
    const key = newKey()
    await lead(store, key)
    t.strictSame(await store.wait(key, 30), { is: 'timeout' })
  })
}

function refreshing (t: Test, openEmpty: (t: Test) => Promise<AnswerStore>): void {
  t.test('a refresh replaces the answer, which is given out until then', async t => {
    const store = await openEmpty(t)
    const key = newKey()
    await remember(store, key, answerOf('old'))
    const claim = await store.claim(key, long, true)
    if (claim.is !== 'leader') throw new Error('a refresh leads')
    t.strictSame(await store.get(key), answerOf('old'))
    t.equal((await store.claim(key, long, true)).is, 'follower')
    const wait = store.wait(key, long)
    await store.put(claim.lease, answerOf('new'), long)
    t.strictSame(await wait, { is: 'stored', answer: answerOf('new') })
    t.strictSame(await store.get(key), answerOf('new'))
  })
}

function purging (t: Test, openEmpty: (t: Test) => Promise<AnswerStore>): void {
  t.test('a purge deletes one project\'s answers and counts them', async t => {
    const store = await openEmpty(t)
    const [first, second, other] = [newKey('proj_a'), newKey('proj_a'), newKey('proj_b')]
    for (const key of [first, second, other]) await remember(store, key, answerOf('x'))
    t.equal((await store.stats('proj_a')).answers, 2)
    t.equal((await store.stats()).answers, 3)
    t.equal(await store.purge('proj_a'), 2)
    t.equal(await store.get(first), null)
    t.strictSame(await store.stats('proj_a'), { answers: 0, bytes: 0 })
    t.equal((await store.stats('proj_b')).answers, 1)
    t.strictSame(await store.get(other), answerOf('x'))
  })

  t.test('an answer that was being fetched during a purge is not stored', async t => {
    const store = await openEmpty(t)
    const key = newKey()
    const lease = await lead(store, key)
    await store.purge(key.project)
    t.equal(await store.put(lease, answerOf('from before'), long), false)
    t.equal(await store.get(key), null)
    await remember(store, key, answerOf('from after'))
    t.strictSame(await store.get(key), answerOf('from after'))
  })

  t.test('the bytes that are stored are counted', async t => {
    const store = await openEmpty(t)
    await remember(store, newKey(), answerOf('x'))
    const { bytes } = await store.stats()
    await remember(store, newKey(), answerOf(randomBytes(1000).toString('hex')))
    t.ok((await store.stats()).bytes > bytes + 1000)
  })
}
