import { existsSync } from 'node:fs'
import t from 'tap'
import { answerSecrets } from '../../src/answers/secrets.ts'
import type { Answers } from '../../src/stores/answers.ts'
import { openAnswers } from '../../src/stores/open-answers.ts'
import { startRedis } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'
import { long, newKey } from './answer-store-contract.ts'

const present = (): AbortSignal => new AbortController().signal

function open (address: string, secret = 'a secret of the test\'s own'): Promise<Answers> {
  return openAnswers(address, {
    secret: answerSecrets(secret).seal,
    maxAnswerBytes: 100_000,
    maxBytes: 1_000_000,
    ttl: long,
    lease: long,
    wait: long,
    hotBytes: 100_000,
    listener: { onFailure () {}, onChange () {} },
    onError () {}
  })
}

t.test('in SQLite, in a file of their own', async t => {
  const folder = t.testdir()
  const answers = await open(`sqlite:${folder}/data/tollgate.db`)
  t.teardown(() => answers.close())
  t.ok(existsSync(`${folder}/data/tollgate.answers.db`))
})

t.test('in Redis, where only gateways with the same secret share them', async t => {
  const redis = await startRedis(t)
  const [one, same, other] = [await open(redis.address), await open(redis.address), await open(redis.address, 'another secret')]
  t.teardown(() => Promise.all([one.close(), same.close(), other.close()]))
  const key = newKey()
  // On a machine under load, a look-up may miss its deadline: then it is asked again.
  await until(async () => {
    const opened = await one.open(key, false, present)
    return opened.is === 'leader' && await opened.lead.land(Buffer.from('{}')) === 'stored'
  })
  await until(async () => (await same.open(key, false, present)).is === 'hit')
  await until(async () => (await other.open(key, false, present)).is === 'leader')
})

t.test('and nowhere else', async t => {
  await t.rejects(open('postgres://localhost'), { message: 'unknown kind of store: postgres' })
})
