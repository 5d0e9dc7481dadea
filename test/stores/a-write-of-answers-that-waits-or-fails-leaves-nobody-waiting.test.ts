import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { AnswerKey } from '../../src/stores/answer-store.ts'
import { Answers } from '../../src/stores/answers.ts'
import type { Lead } from '../../src/stores/flight.ts'
import { SqliteAnswerStore } from '../../src/stores/sqlite/answer-store.ts'
import { answerOf, lead, long, newKey, remember, seal } from './answer-store-contract.ts'

const settings = { ttl: long, lease: long, wait: long, hotBytes: 1 }
const unavailable = { name: 'StoreUnavailableError' }

/** A store, and someone else who holds its file. */
async function openLocked (t: Test): Promise<{ store: SqliteAnswerStore, path: string, unlock: () => void }> {
  const path = `${t.testdir()}/answers.db`
  const store = open(t, path)
  // The thread has its file open before the lock is taken.
  await remember(store, newKey('proj_other'), answerOf('first'))
  const holder = new DatabaseSync(path)
  holder.exec('BEGIN IMMEDIATE')
  t.teardown(() => { holder.close() })
  return { store, path, unlock: () => { holder.exec('ROLLBACK') } }
}

function open (t: Test, path: string): SqliteAnswerStore {
  const store = new SqliteAnswerStore(path, { seal, maxBytes: 100_000_000, now: Date.now })
  t.teardown(() => store.close())
  return store
}

t.test('after a write that failed, the next who asks leads, and what he brings is stored', async t => {
  const { store, unlock } = await openLocked(t)
  const [one, other] = [new Answers(store, settings), new Answers(store, settings)]
  const key = newKey()
  const failed = (await leaderOf(one, key)).land(Buffer.from('lost'))
  const next = leaderOf(other, key)
  t.equal(await failed, 'unavailable')
  const leader = await next
  unlock()
  t.equal(await leader.land(Buffer.from('kept')), 'stored')
  t.match(await store.get(key), { body: Buffer.from('kept') })
})

async function leaderOf (answers: Answers, key: AnswerKey): Promise<Lead> {
  const opened = await answers.open(key, false, () => new AbortController().signal)
  if (opened.is !== 'leader') throw new Error(`expected to lead, but ${opened.is}`)
  return opened.lead
}

t.test('a purge deletes what is being written at that moment', async t => {
  const { store, unlock } = await openLocked(t)
  const key = newKey()
  const written = store.put(await lead(store, key), answerOf('on its way'), long)
  await underWay()
  const purged = store.purge(key.project)
  unlock()
  await written
  t.equal(await purged, 1)
  t.equal(await store.get(key), null)
})

t.test('a store that is closed writes first what it was given', async t => {
  const { store, path, unlock } = await openLocked(t)
  const [early, late] = [newKey(), newKey()]
  const leases = [await lead(store, early), await lead(store, late)] as const
  const first = store.put(leases[0], answerOf('under way'), long)
  await underWay()
  const second = store.put(leases[1], answerOf('behind it'), long)
  await underWay()
  const closed = store.close()
  unlock()
  t.strictSame(await Promise.all([first, second]), [true, true])
  await closed
  await t.rejects(store.stats(), unavailable, 'and does not start again')
  const reopened = open(t, path)
  t.strictSame([await reopened.get(early), await reopened.get(late)], [answerOf('under way'), answerOf('behind it')])
})

t.test('what waits to be written is bounded', async t => {
  const { store, unlock } = await openLocked(t)
  const answer = { body: randomBytes(250_000), storedAt: 1 }
  const leases = await Promise.all(Array.from({ length: 70 }, () => lead(store, newKey())))
  const first = store.put(await lead(store, newKey()), answer, long)
  await underWay()
  const puts = leases.map(lease => store.put(lease, answer, long))
  const tooMuch = puts.slice(67)
  unlock()
  await Promise.all(tooMuch.map(put => t.rejects(put, { ...unavailable, cause: { message: 'too much is waiting to be written' } })))
  t.ok((await Promise.all([first, ...puts.slice(0, 67)])).every(stored => stored))
})

t.test('two threads cannot share what is in memory only', async t => {
  t.throws(() => new SqliteAnswerStore(':memory:', { seal, maxBytes: 1, now: Date.now }), { message: 'answers in SQLite need a file' })
})

/** Until the write has been handed to the thread. */
async function underWay (): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate()
}
