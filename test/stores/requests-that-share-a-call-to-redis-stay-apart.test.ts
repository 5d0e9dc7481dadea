import fc from 'fast-check'
import { Redis } from 'ioredis'
import t from 'tap'
import { reservationOf } from '../../src/metering/admission.ts'
import { effectsOf } from '../../src/metering/limits.ts'
import { voided } from '../../src/metering/outcome.ts'
import { Calendar } from '../../src/metering/period.ts'
import { postingOf } from '../../src/metering/posting.ts'
import { demandOf } from '../../src/metering/reservation.ts'
import type { AdmitRequest } from '../../src/metering/reservation.ts'
import type { LimitRule } from '../../src/metering/rules.ts'
import { hourMs, minuteMs } from '../../src/metering/usage.ts'
import { admitAnswers, admitCall, admitHeader, endingAnswers, settleCall } from '../../src/stores/redis/ledger-calls.ts'
import type { Answer, Ending } from '../../src/stores/redis/ledger-calls.ts'
import { defineScripts, readScripts, runScript } from '../../src/stores/redis/ledger-scripts.ts'
import { aRequest, anOutcome, aRule, ridAt } from '../helpers/metering.ts'
import { startRedis } from '../helpers/redis.ts'
import { TestClock } from './ledger-scene.ts'

/** Tight enough that some of those that come at once are refused. */
const rules: readonly LimitRule[] = [
  aRule({ metric: 'requests_per_minute', limit: 9 }),
  aRule({ metric: 'concurrency', limit: 8 }),
  aRule({ id: 'key-tokens', scope: 'key', metric: 'tokens_per_minute', limit: 900 }),
  aRule({ id: 'key-places', scope: 'key', metric: 'concurrency', limit: 5 }),
  aRule({ id: 'key-spend', scope: 'key', metric: 'spend_per_month', limit: 20_000 })
]

const ask = fc.record({
  keyId: fc.constantFrom('key_a', 'key_b'),
  model: fc.constantFrom('gpt-5', 'line\nbreak', 'o"3'),
  endpoint: fc.constantFrom('chat.completions' as const, 'embeddings' as const),
  rules: fc.constantFrom(rules, rules.slice(0, 3), rules.slice(2), []),
  inputTokens: fc.integer({ min: 0, max: 400 }),
  hit: fc.oneof({ arbitrary: fc.constant(false), weight: 5 }, { arbitrary: fc.constant(true), weight: 1 }),
  agoMs: fc.constantFrom(0, 1, minuteMs, hourMs)
})

const { port } = await startRedis(t)
const client = new Redis(port)
t.teardown(() => { client.disconnect() })
defineScripts(client, readScripts())
const calendar = new Calendar('UTC')

void t.test('what shares a call is decided and written down as if each had a call of its own', async t => {
  await fc.assert(fc.asyncProperty(fc.array(ask, { minLength: 2, maxLength: 14 }), async asks => {
    const clock = new TestClock()
    const requests = asks.map(({ inputTokens, agoMs, ...fields }) => aRequest(ridAt(clock.ms - agoMs), { ...fields, estimate: { inputTokens, maxOutputTokens: 50, costNanoUsd: inputTokens * 20, promptCostNanoUsd: inputTokens } }))
    t.same(await play(requests, clock, requests.length), await play(requests, clock, 1))
    if (!t.passing()) throw new Error('they differ')
  }), { numRuns: 60 })
})

/** All admissions, then all endings, so many a call; and everything that Redis then holds. */
async function play (requests: readonly AdmitRequest[], { ms, micros }: TestClock, atOnce: number): Promise<unknown[]> {
  await client.flushall()
  await client.hset('tg:{proj_a}:meta', 'epoch', 'known')
  const months = calendar.around(ms)
  const answers: Answer[] = []
  for (const some of inCalls(requests, atOnce)) {
    const call = admitCall('proj_a', some.map(request => ({ request, total: 0 })), months, admitHeader(months, 'known'), String(micros()))
    answers.push(...admitAnswers(await runScript(client, 'admit', call), calendar))
  }
  const ended: unknown[] = []
  for (const some of inCalls(requests.flatMap((request, index) => endingOf(request, answers[index], index)), atOnce)) {
    ended.push(...endingAnswers(await runScript(client, 'settle', settleCall('proj_a', some, String(micros())))).answers)
  }
  return [answers, ended, await everything()]
}

function inCalls<Item> (items: readonly Item[], atOnce: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / atOnce) }, (_, index) => items.slice(index * atOnce, (index + 1) * atOnce))
}

/** None for what was refused, or is a row already. */
function endingOf (request: AdmitRequest, answer: Answer | undefined, index: number): Ending[] {
  if (answer?.verdict !== 'admitted' || request.hit === true) return []
  const demand = demandOf(request)
  const reservation = reservationOf(request, demand, effectsOf(request.rules, demand, answer.states, answer.now), { ...answer, verdict: 'admitted' })
  if (index % 3 === 0) return [{ kind: 'v', posting: postingOf('void', reservation, voided('a "status"\n')), restored: null }]
  return [{ kind: 's', posting: postingOf('settled', reservation, anOutcome(index, 10 * index, 7 * index)), restored: null }]
}

async function everything (): Promise<unknown[]> {
  const keys = await client.keys('*')
  return await Promise.all(keys.sort().map(async key => [key, await valueOf(key, await client.type(key))]))
}

async function valueOf (key: string, type: string): Promise<unknown> {
  if (type === 'string') return await client.get(key)
  if (type === 'hash') return await client.hgetall(key)
  if (type === 'zset') return await client.zrange(key, '0', '-1', 'WITHSCORES')
  return await client.xrange(key, '-', '+')
}
