import { setImmediate, setTimeout } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { AnswerKey, Awaited } from '../../src/stores/answer-store.ts'
import { Answers } from '../../src/stores/answers.ts'
import type { AnswersSettings } from '../../src/stores/answers.ts'
import type { Lead, Opened } from '../../src/stores/flight.ts'
import { SqliteAnswerStore } from '../../src/stores/sqlite/answer-store.ts'
import { long, newKey, seal } from './answer-store-contract.ts'

const settings: AnswersSettings = { ttl: long, lease: long, wait: long, hotBytes: 1_000_000 }
const present = (): AbortSignal => new AbortController().signal
const body = Buffer.from('{"answer":42}')

/** Tells when somebody waits for a leader of another replica. */
class WatchedStore extends SqliteAnswerStore {
  readonly waitedFor = Promise.withResolvers<void>()
  readonly waits: Array<Promise<Awaited>> = []

  override wait (key: AnswerKey, ms: number): Promise<Awaited> {
    const awaited = super.wait(key, ms)
    this.waits.push(awaited)
    this.waitedFor.resolve()
    return awaited
  }
}

function openStore (t: Test): WatchedStore {
  const store = new WatchedStore(`${t.testdir()}/answers.db`, { seal, maxBytes: 1_000_000, now: Date.now })
  t.teardown(() => store.close())
  return store
}

async function lead (answers: Answers, key: AnswerKey, refresh = false): Promise<Lead> {
  const opened = await answers.open(key, refresh, present)
  if (opened.is !== 'leader') throw new Error(`expected to lead, but ${opened.is}`)
  return opened.lead
}

function openMany (answers: Answers, key: AnswerKey, count: number, refresh = false): Array<Promise<Opened>> {
  return Array.from({ length: count }, () => answers.open(key, refresh, present))
}

t.test('one leads, all get the same bytes', async t => {
  const answers = new Answers(openStore(t), settings)
  const key = newKey()
  const opened = openMany(answers, key, 200)
  const first = await Promise.race(opened)
  if (first.is !== 'leader') throw new Error('the first leads')
  const late = answers.open(key, false, present)
  t.equal(await first.lead.land(body), 'stored')
  const all = await Promise.all([...opened, late])
  t.equal(all.filter(({ is }) => is === 'leader').length, 1)
  t.equal(all.filter(opened => opened.is === 'hit' && opened.answer.body.equals(body)).length, 200)
})

t.test('from then on it is a hit: from memory, and on another replica from the store', async t => {
  const store = openStore(t)
  const answers = new Answers(store, settings)
  const key = newKey()
  await (await lead(answers, key)).land(body)
  t.match(await answers.open(key, false, present), { is: 'hit', answer: { body } })
  await store.purge(key.project)
  t.match(await answers.open(key, false, present), { is: 'hit', answer: { body } }, 'memory does not ask the store')
  t.match(await new Answers(store, settings).open(key, false, present), { is: 'leader' })
})

t.test('callers of two replicas share a flight', async t => {
  const store = openStore(t)
  const [here, there] = [new Answers(store, settings), new Answers(store, settings)]
  const key = newKey()
  const leader = await lead(here, key)
  const followers = openMany(there, key, 20)
  await store.waitedFor.promise
  await leader.land(body)
  for (const opened of await Promise.all(followers)) t.match(opened, { is: 'hit', answer: { body } })
})

t.test('where the leader has no answer to give, all go on alone, and the next one leads', async t => {
  const store = openStore(t)
  const [here, there] = [new Answers(store, settings), new Answers(store, settings)]
  const key = newKey()
  const leader = await lead(here, key)
  const followers = [...openMany(here, key, 5), ...openMany(there, key, 5)]
  await store.waitedFor.promise
  leader.fail()
  for (const opened of await Promise.all(followers)) t.strictSame(opened, { is: 'alone', reason: 'flight-failed' })
  await lead(there, key)
})

t.test('where the leader\'s caller leaves, exactly one other takes over', async t => {
  const answers = new Answers(openStore(t), settings)
  const key = newKey()
  const leader = await lead(answers, key)
  const followers = openMany(answers, key, 10)
  leader.leave()
  const next = await Promise.race(followers)
  if (next.is !== 'leader') throw new Error('another takes over')
  await next.lead.land(body)
  const rest = await Promise.all(followers)
  t.equal(rest.filter(({ is }) => is === 'hit').length, 9)
})

t.test('where all callers of a replica leave, another replica takes over', async t => {
  const store = openStore(t)
  const [here, there] = [new Answers(store, settings), new Answers(store, settings)]
  const key = newKey()
  const leader = await lead(here, key)
  const follower = there.open(key, false, present)
  await store.waitedFor.promise
  leader.leave()
  t.equal((await follower).is, 'leader')
})

t.test('a follower that leaves is told why, and disturbs nobody', async t => {
  const answers = new Answers(openStore(t), settings)
  const key = newKey()
  const leader = await lead(answers, key)
  const impatient = new AbortController()
  const leaving = answers.open(key, false, () => impatient.signal)
  const staying = answers.open(key, false, present)
  impatient.abort(new Error('the client left'))
  await t.rejects(leaving, { message: 'the client left' })
  await t.rejects(answers.open(key, false, () => impatient.signal), { message: 'the client left' })
  await leader.land(body)
  t.equal((await staying).is, 'hit')
})

t.test('a caller that has left never leads', async t => {
  const store = openStore(t)
  const answers = new Answers(store, settings)
  const key = newKey()
  const impatient = new AbortController()
  const leaving = answers.open(key, false, () => impatient.signal)
  impatient.abort(new Error('the client left'))
  await t.rejects(leaving)
  await lead(new Answers(store, settings), key)
})

t.test('two that leave in the same moment do not lose the flight', async t => {
  const answers = new Answers(openStore(t), settings)
  const key = newKey()
  const leader = await lead(answers, key)
  const impatient = new AbortController()
  const leaving = answers.open(key, false, () => impatient.signal)
  const staying = answers.open(key, false, present)
  impatient.abort(new Error('the client left'))
  leader.leave()
  t.equal((await staying).is, 'leader')
  await t.rejects(leaving)
})

t.test('nobody waits forever', async t => {
  const answers = new Answers(openStore(t), { ...settings, wait: 30 })
  const key = newKey()
  const leader = await lead(answers, key)
  t.strictSame(await answers.open(key, false, present), { is: 'alone', reason: 'flight-timeout' })
  t.equal(await leader.land(body), 'stored')
})

t.test('a leader that lives keeps its lease; one that is dead loses it to one follower', async t => {
  const store = openStore(t)
  const [here, there] = [new Answers(store, { ...settings, lease: 60 }), new Answers(store, { ...settings, lease: 60 })]
  const key = newKey()
  const leader = await lead(here, key)
  t.strictSame(await store.wait(key, 200), { is: 'timeout' }, 'it is renewed')
  await leader.land(body)

  const orphan = newKey()
  await store.claim(orphan, 60, false)
  const followers = openMany(there, orphan, 10)
  const next = await Promise.race(followers)
  if (next.is !== 'leader') throw new Error('one takes over')
  await next.lead.land(body)
  t.equal((await Promise.all(followers)).filter(({ is }) => is === 'hit').length, 9)
})

t.test('a leader that lost its lease does not replace what was stored', async t => {
  const store = openStore(t)
  const answers = new Answers(store, settings)
  const key = newKey()
  const slow = await lead(answers, key)
  const follower = answers.open(key, false, present)
  await store.purge(key.project)
  await (await lead(new Answers(store, settings), key)).land(body)
  t.equal(await slow.land(Buffer.from('{"answer":"another"}')), 'lost')
  t.match(await follower, { is: 'hit', answer: { body } })
})

t.test('a refresh goes past what is stored, in memory too, and replaces it', async t => {
  const answers = new Answers(openStore(t), settings)
  const key = newKey()
  await (await lead(answers, key)).land(body)
  const refreshes = openMany(answers, key, 10, true)
  const first = await Promise.race(refreshes)
  if (first.is !== 'leader') throw new Error('a refresh leads')
  t.match(await answers.open(key, false, present), { is: 'hit', answer: { body } }, 'until then the old one counts')
  const fresh = Buffer.from('{"answer":43}')
  await first.lead.land(fresh)
  t.equal((await Promise.all(refreshes)).filter(opened => opened.is === 'hit' && opened.answer.body.equals(fresh)).length, 9)
  t.match(await answers.open(key, false, present), { is: 'hit', answer: { body: fresh } })
})

t.test('a refresh does not end with what is stored because somebody else asked for that', async t => {
  const answers = new Answers(openStore(t), { ...settings, hotBytes: 1 })
  const key = newKey()
  await (await lead(answers, key)).land(body)
  const stored = answers.open(key, false, present)
  t.equal((await answers.open(key, true, present)).is, 'leader')
  t.equal((await stored).is, 'hit')
})

t.test('a leader can only say one thing', async t => {
  const answers = new Answers(openStore(t), settings)
  const key = newKey()
  const leader = await lead(answers, key)
  const followers = openMany(answers, key, 2)
  leader.leave()
  leader.fail()
  leader.leave()
  t.equal(await leader.land(Buffer.from('{}')), 'lost')
  const next = await Promise.race(followers)
  if (next.is !== 'leader') throw new Error('another takes over')
  await next.lead.land(body)
  t.strictSame((await Promise.all(followers)).map(({ is }) => is), ['leader', 'hit'])
})

t.test('a flight that everybody has left asks no more', async t => {
  const store = openStore(t)
  const [here, there] = [new Answers(store, settings), new Answers(store, { ...settings, wait: 20 })]
  const key = newKey()
  await lead(here, key)
  const impatient = new AbortController()
  const leaving = there.open(key, false, () => impatient.signal)
  await store.waitedFor.promise
  impatient.abort(new Error('the client left'))
  await t.rejects(leaving)
  t.strictSame(await store.waits[0], { is: 'timeout' })
  await setImmediate()
  t.equal(store.waits.length, 1)
})

t.test('a purge empties memory too', async t => {
  const answers = new Answers(openStore(t), settings)
  const [purged, other] = [newKey('proj_a'), newKey('proj_b')]
  for (const key of [purged, other]) await (await lead(answers, key)).land(body)
  t.equal(await answers.purge('proj_a'), 1)
  t.equal((await answers.open(purged, false, present)).is, 'leader')
  t.equal((await answers.open(other, false, present)).is, 'hit')
  t.equal((await answers.stats('proj_b')).answers, 1)
})

t.test('memory is bounded: what does not fit comes from the store', async t => {
  const store = openStore(t)
  const answers = new Answers(store, { ...settings, hotBytes: 10_000 })
  const keys = Array.from({ length: 20 }, () => newKey())
  for (const key of keys) await (await lead(answers, key)).land(Buffer.alloc(1000, 0x20))
  await store.purge('proj_a')
  const opened = await Promise.all(keys.map(key => answers.open(key, false, present)))
  t.equal(opened.filter(({ is }) => is === 'hit').length, 6)
})

t.test('a refresh is not content with what was fetched before it, and stored after', async t => {
  const store = openStore(t)
  const mayStore = Promise.withResolvers<void>()
  const put = store.put.bind(store)
  store.put = async (...args) => {
    await mayStore.promise
    return await put(...args)
  }
  const [one, other, key] = [new Answers(store, settings), new Answers(store, settings), newKey()]
  const landed = (await lead(one, key)).land(body)
  const refreshed = other.open(key, true, present)
  await store.waitedFor.promise
  mayStore.resolve()
  t.equal(await landed, 'stored')
  t.equal((await refreshed).is, 'leader')
})

t.test('a refresh is content with what another replica fetched after it', async t => {
  const store = openStore(t)
  const [one, other, key] = [new Answers(store, settings), new Answers(store, settings), newKey()]
  const leading = await lead(one, key, true)
  const refreshed = other.open(key, true, present)
  await store.waitedFor.promise
  await setTimeout(2)
  await leading.land(body)
  t.match(await refreshed, { is: 'hit', answer: { body } })
})
