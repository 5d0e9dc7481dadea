import t from 'tap'
import type { AnswerStore, Claim } from '../../src/stores/answer-store.ts'
import { Answers } from '../../src/stores/answers.ts'
import { BoundedAnswerStore } from '../../src/stores/bounded-answer-store.ts'
import { StoreUnavailableError } from '../../src/stores/unavailable.ts'
import { until } from '../helpers/until.ts'
import { answerOf, long, newKey } from './answer-store-contract.ts'

const settings = { ttl: long, lease: long, wait: long, hotBytes: 1_000_000 }
const present = (): AbortSignal => new AbortController().signal
const body = Buffer.from('{}')
const unavailable = { message: 'the answer store did not answer' }
const deaf = { onFailure () {}, onChange () {} }

/** A store that works, in the easiest way, but for what is told otherwise. */
function storeWith (others: Partial<AnswerStore>): AnswerStore {
  return {
    get: async () => null,
    claim: async key => ({ is: 'leader', lease: { ...key, token: 'token' } }),
    renew: async () => true,
    put: async () => true,
    resign: async () => {},
    wait: async () => ({ is: 'vacant' }),
    stats: async () => ({ answers: 0, bytes: 0 }),
    purge: async () => 0,
    close: async () => {},
    ...others
  }
}

const never = () => new Promise<never>(() => {})
const fails = async () => { throw new StoreUnavailableError('the answer store', new Error('disk full')) }

for (const [how, broken] of [['fails', fails], ['hangs', never]] as const) {
  t.test(`a store that ${how} lets its callers go on alone`, async t => {
    const failures: string[] = []
    const store = new BoundedAnswerStore(storeWith({ claim: broken }), { ...deaf, onFailure: failed => { failures.push(failed) } })
    const answers = new Answers(store, settings)
    const key = newKey()
    const opened = await Promise.all(Array.from({ length: 10 }, () => answers.open(key, false, present)))
    for (const each of opened) t.strictSame(each, { is: 'alone', reason: 'store-unavailable' })
    t.strictSame(failures, ['claim'], 'asked once for all of them')
  })

  t.test(`a store that ${how} at put fails neither the leader nor those who wait here`, async t => {
    const resigned: string[] = []
    const resign: AnswerStore['resign'] = async ({ token }, how) => { resigned.push(`${token} ${how}`) }
    const answers = new Answers(new BoundedAnswerStore(storeWith({ put: broken, resign }), deaf), settings)
    const key = newKey()
    const opened = await answers.open(key, false, present)
    const follower = answers.open(key, false, present)
    if (opened.is !== 'leader') throw new Error('it leads')
    t.equal(await opened.lead.land(body), 'unavailable')
    t.match(resigned, [/ vacant$/], 'other replicas do not wait for it either')
    t.match(await follower, { is: 'hit', answer: { body } })
    t.equal((await answers.open(key, false, present)).is, 'leader', 'nobody else is promised what is not stored')
  })

  for (const operation of ['resign', 'renew'] as const) {
    t.test(`a store that ${how} at ${operation} goes unnoticed`, async t => {
      const failures: string[] = []
      const store = new BoundedAnswerStore(storeWith({ [operation]: broken }), { ...deaf, onFailure: failed => { failures.push(failed) } })
      const opened = await new Answers(store, { ...settings, lease: operation === 'renew' ? 15 : long }).open(newKey(), false, present)
      if (opened.is !== 'leader') throw new Error('it leads')
      if (operation === 'resign') opened.lead.fail()
      await until(() => failures.length > 0)
      opened.lead.fail()
      t.equal(failures[0], operation)
    })
  }
}

t.test('a store that breaks while callers wait for another replica lets them go on alone', async t => {
  const store = new BoundedAnswerStore(storeWith({ claim: async () => ({ is: 'follower' }), wait: fails }), deaf)
  t.strictSame(await new Answers(store, settings).open(newKey(), false, present), { is: 'alone', reason: 'store-unavailable' })
})

t.test('a store that is away is spared until it answers a probe', async t => {
  let asked = 0
  let works = false
  const changes: boolean[] = []
  const store = new BoundedAnswerStore(storeWith({
    get: async () => {
      asked++
      return works ? answerOf('back') : await fails()
    }
  }), { ...deaf, onChange: available => { changes.push(available) } })
  t.teardown(() => store.close())
  for (let call = 0; call < 100; call++) await t.rejects(store.get(newKey()), unavailable)
  t.equal(asked, 5)
  works = true
  await until(() => changes.length === 2)
  t.strictSame(changes, [false, true])
  t.strictSame(await store.get(newKey()), answerOf('back'))
})

t.test('a lease that is granted too late is given back', async t => {
  const late = Promise.withResolvers<Claim>()
  const given: string[] = []
  const store = new BoundedAnswerStore(storeWith({
    claim: () => late.promise,
    resign: async ({ token }, how) => { given.push(`${token} ${how}`) }
  }), deaf)
  const key = newKey()
  await t.rejects(store.claim(key, long, false), unavailable)
  late.resolve({ is: 'leader', lease: { ...key, token: 'late' } })
  await until(() => given.length > 0)
  t.strictSame(given, ['late vacant'])
})
