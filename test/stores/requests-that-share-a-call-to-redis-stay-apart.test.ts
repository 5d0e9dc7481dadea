import fc from 'fast-check'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Admission } from '../../src/metering/admission.ts'
import type { AdmitRequest } from '../../src/metering/reservation.ts'
import type { LimitRule } from '../../src/metering/rules.ts'
import { hourMs, minuteMs } from '../../src/metering/usage.ts'
import type { Ledger } from '../../src/stores/ledger.ts'
import { verifyLedger } from '../../src/stores/ledger-verify.ts'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { aRequest, anOutcome, aRule, ridAt } from '../helpers/metering.ts'
import { startRedis } from '../helpers/redis.ts'
import { TestClock } from './ledger-contract.ts'
import { openRedisLedger } from './redis-ledger.ts'

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

const redis = await startRedis(t)
const folder = t.testdir()

void t.test('what comes and ends in one turn of the event loop is decided and written down as if each came alone', async t => {
  await fc.assert(fc.asyncProperty(fc.array(ask, { minLength: 2, maxLength: 14 }), async asks => {
    const clock = new TestClock()
    const requests = asks.map(({ inputTokens, agoMs, ...fields }) => aRequest(ridAt(clock.ms - agoMs), { ...fields, estimate: { inputTokens, maxOutputTokens: 50, costNanoUsd: inputTokens * 20, promptCostNanoUsd: inputTokens } }))
    const alone = await play(openSqlite(clock), requests, inTurn)
    const together = await play(await openRedisLedger(redis, clock), requests, atOnce)
    t.same(together, alone)
    if (!t.passing()) throw new Error('they differ')
  }), { numRuns: 30 })
})

type Each = <Item, Result>(items: readonly Item[], work: (item: Item, index: number) => Promise<Result>) => Promise<Result[]>

async function inTurn<Item, Result> (items: readonly Item[], work: (item: Item, index: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (const [index, item] of items.entries()) results.push(await work(item, index))
  return results
}

async function atOnce<Item, Result> (items: readonly Item[], work: (item: Item, index: number) => Promise<Result>): Promise<Result[]> {
  return await Promise.all(items.map(work))
}

/** All admissions, then all endings; and what is there afterwards. The first one makes the project known, which would mix up the order of those that came with it. */
async function play (ledger: Ledger, requests: readonly AdmitRequest[], each: Each): Promise<unknown[]> {
  try {
    const [first, ...rest] = requests
    if (first !== undefined) await ledger.admit(first)
    const admissions = await each(rest, async request => await ledger.admit(request))
    const endings = await each(admissions, (admission, index) => end(ledger, admission, index))
    return [admissions, endings, await rowsOf(ledger), await verifyLedger(ledger.records), await ledger.limits('proj_a', 'key_a', rules), await ledger.limits('proj_a', 'key_b', rules)]
  } finally {
    await ledger.close()
  }
}

async function rowsOf (ledger: Ledger): Promise<string[]> {
  const texts: string[] = []
  for await (const { text } of ledger.records.rows('proj_a', 0)) texts.push(text)
  return texts
}

async function end (ledger: Ledger, admission: Admission, index: number): Promise<unknown> {
  if (!admission.admitted || admission.reservation === null) return null
  return index % 3 === 0 ? await ledger.void(admission.reservation, 'a "status"\n') : await ledger.settle(admission.reservation, anOutcome(index, 10 * index, 7 * index))
}

function openSqlite (clock: TestClock): SqliteLedger {
  const path = join(mkdtempSync(join(folder, 'ledger-')), 'ledger.db')
  return new SqliteLedger({ path, timeZone: 'UTC', durability: 'process', clock: clock.micros })
}
