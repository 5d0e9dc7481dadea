import { Redis } from 'ioredis'
import t from 'tap'
import type { Test } from 'tap'
import type { AnswerStore } from '../../src/stores/answer-store.ts'
import { Answers } from '../../src/stores/answers.ts'
import { BoundedAnswerStore } from '../../src/stores/bounded-answer-store.ts'
import { openRedisAnswerStore } from '../../src/stores/redis/answer-store.ts'
import { StoreUnavailableError } from '../../src/stores/unavailable.ts'
import { startRedis } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'
import { answerOf, lead, long, newKey, remember, seal } from './answer-store-contract.ts'

const settings = { ttl: long, lease: long, wait: long, hotBytes: 1 }
const present = (): AbortSignal => new AbortController().signal

async function open (t: Test, address: string): Promise<AnswerStore> {
  const store = await openRedisAnswerStore(address, seal, () => {})
  t.teardown(() => store.close())
  return store
}

function bounded (t: Test, store: AnswerStore): { answers: Answers, changes: boolean[] } {
  const changes: boolean[] = []
  const answers = new Answers(new BoundedAnswerStore(store, { onFailure () {}, onChange: available => { changes.push(available) } }), settings)
  t.teardown(() => answers.close())
  return { answers, changes }
}

t.test('without Redis, a gateway starts and its callers go on alone; with it, they are served', async t => {
  const redis = await startRedis(t)
  await redis.kill()
  const { answers } = bounded(t, await open(t, redis.address))
  for (let call = 0; call < 10; call++) t.strictSame(await answers.open(newKey(), false, present), { is: 'alone', reason: 'store-unavailable' })
  await redis.restart()
  await until(async () => (await answers.open(newKey(), false, present)).is === 'leader')
})

t.test('a Redis that hangs is given up, spared, and used again when it goes on', async t => {
  const redis = await startRedis(t)
  const store = await open(t, redis.address)
  const { answers, changes } = bounded(t, store)
  const key = newKey()
  await remember(store, key, answerOf('there'))
  redis.process.kill('SIGSTOP')
  for (let call = 0; call < 10; call++) t.strictSame(await answers.open(key, false, present), { is: 'alone', reason: 'store-unavailable' })
  t.strictSame(changes, [false])
  redis.process.kill('SIGCONT')
  await until(() => changes.at(-1) === true)
  await until(async () => (await answers.open(key, false, present)).is === 'hit')
})

t.test('an event loop that was held up is not the fault of Redis', async t => {
  const redis = await startRedis(t)
  const store = await open(t, redis.address)
  const { answers, changes } = bounded(t, store)
  const key = newKey()
  await remember(store, key, answerOf('there'))
  for (let call = 0; call < 10; call++) {
    const opened = answers.open(key, false, present)
    const end = performance.now() + 100
    while (performance.now() < end);
    t.equal((await opened).is, 'hit')
  }
  t.strictSame(changes, [])
})

t.test('those who wait when Redis dies go on alone', async t => {
  const redis = await startRedis(t)
  const store = await open(t, redis.address)
  const key = newKey()
  await lead(store, key)
  const { answers } = bounded(t, await open(t, redis.address))
  const follower = answers.open(key, false, present)
  await answers.stats()
  await redis.kill()
  t.strictSame(await follower, { is: 'alone', reason: 'store-unavailable' })
})

t.test('a Redis that is full stores nothing, and still gives out what it has', async t => {
  const redis = await startRedis(t)
  const store = await open(t, redis.address)
  const [stored, other] = [newKey(), newKey()]
  await remember(store, stored, answerOf('there'))
  const lease = await lead(store, newKey())
  const admin = new Redis(redis.port)
  t.teardown(() => { admin.disconnect() })
  await admin.config('SET', 'maxmemory', '1mb')
  await t.rejects(store.put(lease, answerOf('new'), long), StoreUnavailableError)
  await t.rejects(store.claim(other, long, false), StoreUnavailableError)
  t.strictSame(await store.get(stored), answerOf('there'))
})

t.test('scripts that Redis forgot are sent again', async t => {
  const redis = await startRedis(t)
  const store = await open(t, redis.address)
  await remember(store, newKey(), answerOf('x'))
  const admin = new Redis(redis.port)
  t.teardown(() => { admin.disconnect() })
  await admin.script('FLUSH')
  await remember(store, newKey(), answerOf('x'))
})

t.test('nothing of prompts or answers can be read in Redis, every key has an end, and what was altered is fetched anew', async t => {
  const redis = await startRedis(t)
  const store = await open(t, redis.address)
  const [key, leased] = [newKey(), newKey()]
  await remember(store, key, answerOf('The prompt said: open sesame'))
  await lead(store, leased)
  const admin = new Redis(redis.port)
  t.teardown(() => { admin.disconnect() })
  const names = await admin.keys('*')
  t.equal(names.length, 2)
  for (const name of names) {
    t.notMatch(await admin.get(name), /sesame|prompt|content/)
    t.ok(await admin.pttl(name) > 0, name)
    t.match(name, /^tg:\{proj_a\}:/)
  }
  const name = names.find(name => name.includes(':answer:')) ?? ''
  await admin.setrange(name, 45, '!')
  t.equal(await store.get(key), null)
  const claim = await store.claim(key, long, false)
  if (claim.is !== 'leader') throw new Error('it is fetched anew')
  await store.put(claim.lease, answerOf('again'), long)
  t.strictSame(await store.get(key), answerOf('again'))
})

t.test('a project whose name looks like a pattern purges only itself', async t => {
  const redis = await startRedis(t)
  const store = await open(t, redis.address)
  await remember(store, newKey('proj_a'), answerOf('x'))
  await remember(store, newKey('proj_*'), answerOf('x'))
  t.equal(await store.purge('proj_*'), 1)
  t.strictSame((await store.stats()).answers, 1)
})
