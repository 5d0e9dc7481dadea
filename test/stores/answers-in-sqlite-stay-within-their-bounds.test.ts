import { readFileSync, readdirSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { Test } from 'tap'
import { SqliteAnswerStore } from '../../src/stores/sqlite/answer-store.ts'
import { answerOf, newKey, remember, seal } from './answer-store-contract.ts'

function open (t: Test, path: string, { maxBytes = 100_000_000, now = Date.now } = {}): SqliteAnswerStore {
  const store = new SqliteAnswerStore(path, { seal, maxBytes, now })
  t.teardown(() => store.close())
  return store
}

/** ms */
const forever = 1e12

const kilobyte = () => answerOf(randomBytes(500).toString('hex'))

t.test('answers outlive the process, leases do not', async t => {
  const path = `${t.testdir()}/made/answers.db`
  const first = open(t, path)
  const [stored, leased] = [newKey(), newKey()]
  await remember(first, stored, answerOf('kept'))
  await first.claim(leased, 60_000, false)
  await first.close()
  const second = open(t, path)
  t.strictSame(await second.get(stored), answerOf('kept'))
  t.equal((await second.claim(leased, 60_000, false)).is, 'leader')
})

t.test('the least recently used go when the bound is reached, also after a restart', async t => {
  const path = `${t.testdir()}/answers.db`
  const settings = { maxBytes: 50_000, now: () => now }
  let now = 1_000_000
  const first = open(t, path, settings)
  const [used, unused] = [newKey(), newKey()]
  await remember(first, used, kilobyte(), forever)
  await remember(first, unused, kilobyte(), forever)
  await first.close()

  const second = open(t, path, settings)
  for (let stored = 0; stored < 100; stored++) {
    now += 60_000
    await remember(second, newKey(), kilobyte(), forever)
    t.ok((await second.stats()).bytes <= 50_000)
    t.ok(await second.get(used))
  }
  t.equal(await second.get(unused), null)
  t.ok((await second.stats()).answers > 30, 'no more than needed goes')
})

t.test('an answer that is replaced again and again counts once', async t => {
  const store = open(t, `${t.testdir()}/answers.db`, { maxBytes: 10_000 })
  const [other, replaced] = [newKey(), newKey()]
  await remember(store, other, kilobyte())
  for (let time = 0; time < 50; time++) {
    const claim = await store.claim(replaced, 1000, true)
    if (claim.is === 'leader') await store.put(claim.lease, kilobyte(), 1000)
  }
  t.ok(await store.get(other))
})

t.test('expired answers are deleted while others are stored', async t => {
  let now = 0
  const path = `${t.testdir()}/answers.db`
  const store = open(t, path, { now: () => now })
  for (let stored = 0; stored < 10; stored++) await remember(store, newKey(), answerOf('brief'), 1000)
  const { bytes } = await store.stats()
  now = 1000
  t.strictSame(await store.stats(), { answers: 0, bytes: 0 })
  await remember(store, newKey(), answerOf('brief'), 1000)
  await store.close()
  now = 0
  t.strictSame(await open(t, path, { now: () => now }).stats(), { answers: 1, bytes: bytes / 10 })
})

t.test('a purge is complete, however many answers there are', async t => {
  const store = open(t, `${t.testdir()}/answers.db`)
  for (let stored = 0; stored < 1100; stored++) await remember(store, newKey(), answerOf('x'))
  t.equal(await store.purge('proj_a'), 1100)
  t.strictSame(await store.stats(), { answers: 0, bytes: 0 })
})

t.test('neither prompts nor answers can be read in the files', async t => {
  const folder = t.testdir()
  const store = open(t, `${folder}/answers.db`)
  await remember(store, newKey(), answerOf('The prompt said: open sesame'))
  const files = readdirSync(folder).map(name => readFileSync(`${folder}/${name}`, 'latin1'))
  t.ok(files.some(file => file.includes('proj_a')))
  for (const file of files) t.notMatch(file, /sesame|prompt|content/)
})
