import t from 'tap'
import type { Test } from 'tap'
import type { AnswerKey } from '../../src/stores/answer-store.ts'
import { Answers } from '../../src/stores/answers.ts'
import type { Opened } from '../../src/stores/flight.ts'
import { openRedisAnswerStore } from '../../src/stores/redis/answer-store.ts'
import type { RedisAnswerStore } from '../../src/stores/redis/answer-store.ts'
import { startRedis } from '../helpers/redis.ts'
import { long, newKey, seal } from './answer-store-contract.ts'

const redis = await startRedis(t)
const present = (): AbortSignal => new AbortController().signal
const body = Buffer.from('{"answer":42}')

/** Three gateways, each with connections and a memory of its own. */
async function replicas (t: Test, lease: number): Promise<readonly [Answers, Answers, Answers]> {
  const open = async (): Promise<Answers> => {
    const answers = new Answers(await openStore(), { ttl: long, lease, wait: long, hotBytes: 100_000 })
    t.teardown(() => answers.close())
    return answers
  }
  return [await open(), await open(), await open()]
}

function openStore (): Promise<RedisAnswerStore> {
  return openRedisAnswerStore(redis.address, seal, () => {})
}

function openEverywhere (answers: readonly Answers[], key: AnswerKey, count: number): Array<Promise<Opened>> {
  return Array.from({ length: count }, (_, index) => (answers[index % answers.length] as Answers).open(key, false, present))
}

/** The first caller who is told to lead. Its answer lands when it says so. */
async function leaderAmong (opened: ReadonlyArray<Promise<Opened>>): Promise<Extract<Opened, { is: 'leader' }>> {
  return await Promise.any(opened.map(async each => {
    const result = await each
    if (result.is !== 'leader') throw new Error('no leader')
    return result
  }))
}

function tally (opened: readonly Opened[]): Record<string, number> {
  return Object.fromEntries(['leader', 'hit', 'alone'].map(is => [is, opened.filter(each => each.is === is).length]))
}

t.test('of 200 callers of three replicas one leads, and all others get its bytes', async t => {
  const all = await replicas(t, long)
  const opened = openEverywhere(all, newKey(), 200)
  const { lead } = await leaderAmong(opened)
  t.equal(await lead.land(body), 'stored')
  const results = await Promise.all(opened)
  t.strictSame(tally(results), { leader: 1, hit: 199, alone: 0 })
  for (const result of results) if (result.is === 'hit') t.ok(result.answer.body.equals(body))
})

t.test('when the leading replica dies, exactly one of 200 who wait takes over', async t => {
  const [dying, ...living] = await replicas(t, 300)
  const key = newKey()
  const first = await dying.open(key, false, present)
  t.equal(first.is, 'leader')
  const opened = openEverywhere(living, key, 200)
  await dying.close()
  const { lead } = await leaderAmong(opened)
  t.equal(await lead.land(body), 'stored')
  t.strictSame(tally(await Promise.all(opened)), { leader: 1, hit: 199, alone: 0 })
})

t.test('when the leader has no answer to give, those who wait on other replicas go on alone', async t => {
  const [here] = await replicas(t, long)
  const key = newKey()
  const first = await here.open(key, false, present)
  const store = await openStore()
  const waiting = Promise.withResolvers<void>()
  const wait = store.wait.bind(store)
  store.wait = (...parameters) => {
    waiting.resolve()
    return wait(...parameters)
  }
  const there = new Answers(store, { ttl: long, lease: long, wait: long, hotBytes: 100_000 })
  t.teardown(() => there.close())
  const opened = openEverywhere([there], key, 30)
  await waiting.promise
  if (first.is === 'leader') first.lead.fail()
  t.strictSame(tally(await Promise.all(opened)), { leader: 0, hit: 0, alone: 30 })
})

t.test('many flights at once stay apart', async t => {
  const all = await replicas(t, long)
  const keys = Array.from({ length: 50 }, () => newKey())
  const flights = keys.map(key => openEverywhere(all, key, 6))
  const results = await Promise.all(flights.map(async (opened, index) => {
    const { lead } = await leaderAmong(opened)
    await lead.land(Buffer.from(`{"answer":${index}}`))
    return await Promise.all(opened)
  }))
  for (const [index, result] of results.entries()) {
    t.strictSame(tally(result), { leader: 1, hit: 5, alone: 0 })
    for (const opened of result) if (opened.is === 'hit') t.equal(opened.answer.body.toString(), `{"answer":${index}}`)
  }
})
