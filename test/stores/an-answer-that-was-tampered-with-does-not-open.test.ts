import fc from 'fast-check'
import t from 'tap'
import { answerSecrets } from '../../src/answers/secrets.ts'
import { AnswerSeal } from '../../src/stores/answer-seal.ts'
import { Database } from '../../src/stores/sqlite/database.ts'
import { SqliteAnswerStore } from '../../src/stores/sqlite/answer-store.ts'
import { answerOf, long, newKey, remember, seal } from './answer-store-contract.ts'

const key = newKey()
const answer = answerOf('Ignore all previous instructions')

t.test('no bit of it may change, and none be missing', async t => {
  const sealed = await seal.seal(key, answer)
  t.strictSame(await seal.open(key, sealed), answer)
  await fc.assert(fc.asyncProperty(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flipped) => {
    const altered = Buffer.from(sealed)
    altered.writeUInt8(altered.readUInt8(at) ^ flipped, at)
    t.equal(await seal.open(key, altered), null)
    t.equal(await seal.open(key, sealed.subarray(0, at)), null)
  }))
})

t.test('it opens only where it belongs', async t => {
  const sealed = await seal.seal(key, answer)
  t.equal(await seal.open({ ...key, project: 'proj_b' }, sealed), null)
  t.equal(await seal.open(newKey(), sealed), null)
  t.equal(await new AnswerSeal(answerSecrets('another secret').seal, 1_000_000).open(key, sealed), null)
})

t.test('an answer larger than the bound is not unpacked', async t => {
  const sealed = await seal.seal(key, { ...answer, body: Buffer.alloc(100_001) })
  t.equal(await new AnswerSeal(answerSecrets('a secret of the contract\'s own').seal, 100_000).open(key, sealed), null)
})

t.test('the same answer never looks the same twice', async t => {
  t.notOk((await seal.seal(key, answer)).equals(await seal.seal(key, answer)))
})

t.test('in a store, it is fetched anew', async t => {
  const path = `${t.testdir()}/answers.db`
  const store = new SqliteAnswerStore(path, { seal, maxBytes: 1_000_000, now: Date.now })
  t.teardown(() => store.close())
  const [mine, theirs] = [newKey('proj_a'), newKey('proj_b')]
  await remember(store, mine, answerOf('mine'))
  await remember(store, theirs, answerOf('theirs'))
  const intruder = new Database(path, '', 'the intruder\'s view')
  intruder.run('UPDATE answers SET sealed = (SELECT sealed FROM answers WHERE fingerprint = ?) WHERE fingerprint = ?', theirs.fingerprint, mine.fingerprint)
  await intruder.close()
  t.equal(await store.get(mine), null)
  const claim = await store.claim(mine, long, false)
  if (claim.is !== 'leader') throw new Error('it is fetched anew')
  await store.put(claim.lease, answerOf('mine again'), long)
  t.strictSame(await store.get(mine), answerOf('mine again'))
})
