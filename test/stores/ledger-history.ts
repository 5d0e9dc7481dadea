import fc from 'fast-check'
import { RequestClosedError } from '../../src/metering/admission.ts'
import type { LimitView } from '../../src/metering/limits.ts'
import { dedupeHorizonMs, leaseMs } from '../../src/metering/reservation.ts'
import type { Reservation } from '../../src/metering/reservation.ts'
import { parseRow } from '../../src/metering/row.ts'
import type { LimitRule } from '../../src/metering/rules.ts'
import { dayMs } from '../../src/metering/usage.ts'
import type { Ledger } from '../../src/stores/ledger.ts'
import { verifyLedger } from '../../src/stores/ledger-verify.ts'
import { aRequest, anOutcome, aRule, ridAt } from '../helpers/metering.ts'
import type { TestClock } from './ledger-scene.ts'

/** Tight enough that every rule denies now and then. */
const rules: readonly LimitRule[] = [
  aRule({ metric: 'requests_per_minute', limit: 7 }),
  aRule({ metric: 'tokens_per_minute', limit: 1300 }),
  aRule({ metric: 'requests_per_day', limit: 60 }),
  aRule({ metric: 'concurrency', limit: 4 }),
  aRule({ metric: 'spend_per_month', limit: 30_000 }),
  aRule({ id: 'key-requests', scope: 'key', metric: 'requests_per_minute', limit: 4 }),
  aRule({ id: 'key-spend', scope: 'key', metric: 'spend_per_month', limit: 12_000 }),
  aRule({ id: 'key-places', scope: 'key', metric: 'concurrency', limit: 3 }),
  aRule({ id: 'shadow-tokens', metric: 'tokens_per_minute', limit: 500, shadow: true }),
  aRule({ id: 'shadow-places', metric: 'concurrency', limit: 1, shadow: true }),
  aRule({ id: 'total', scope: 'organization', metric: 'spend_per_month', limit: 40_000 })
]

const projects = ['proj_a', 'proj_b'] as const
const keys = ['key_a', 'key_b'] as const

const ask = fc.record({
  project: fc.constantFrom(...projects),
  key: fc.constantFrom(...keys),
  model: fc.constantFrom('gpt-5', 'a|b', 'o"3'),
  tokens: fc.integer({ min: 0, max: 700 }),
  cost: fc.option(fc.integer({ min: 0, max: 9000 }), { freq: 8 }),
  hit: fc.oneof({ arbitrary: fc.constant(false), weight: 7 }, { arbitrary: fc.constant(true), weight: 1 }),
  rules: fc.oneof({ arbitrary: fc.subarray([...rules]), weight: 1 }, { arbitrary: fc.constant([...rules]), weight: 1 })
})

const use = fc.record({ input: fc.integer({ min: 0, max: 500 }), output: fc.integer({ min: 0, max: 500 }), cost: fc.option(fc.integer({ min: 0, max: 9000 }), { freq: 8 }) })
const which = fc.nat()
/** Moments, some leases, and now and then weeks: ms. */
const waits = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 5000 }), weight: 6 },
  { arbitrary: fc.integer({ min: 0, max: 3 * leaseMs }), weight: 4 },
  { arbitrary: fc.integer({ min: 0, max: 40 * dayMs }), weight: 1 }
)

/** `which` picks among all that were ever admitted, ended ones too. */
const step = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('admit' as const), ask }), weight: 8 },
  { arbitrary: fc.record({ do: fc.constant('wait' as const), ms: waits }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant('settle' as const), which, use }), weight: 5 },
  { arbitrary: fc.record({ do: fc.constant('void' as const), which }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('estimate' as const), which, use }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('again' as const), which }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('renew' as const), which, use }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('reap' as const) }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('unknown' as const), which, use, voids: fc.boolean(), old: fc.boolean() }), weight: 1 }
)

export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** What may happen to a ledger. */
export const histories = fc.array(step, { minLength: 5, maxLength: 60, size: 'max' })

/** Plays a history, and tells all that was answered, where the limits stood and what was written in the end. */
export async function play (ledger: Ledger, clock: TestClock, history: readonly Step[], rids: (age?: number) => string): Promise<unknown[]> {
  const admitted: Reservation[] = []
  const answers: unknown[] = []
  const startMs = clock.ms
  for (const one of history) {
    answers.push(one.do, await answerTo(one, ledger, clock, admitted, rids))
    if (one.do !== 'wait') answers.push(await standings(ledger))
  }
  clock.ms += leaseMs
  answers.push('reap', await ledger.reap(), await standings(ledger), await written(ledger, clock, startMs))
  return answers
}

async function answerTo (one: Step, ledger: Ledger, clock: TestClock, admitted: Reservation[], rids: (age?: number) => string): Promise<unknown> {
  if (one.do === 'wait') {
    clock.ms += one.ms
    return null
  }
  if (one.do === 'reap') return ledger.reap()
  if (one.do === 'admit') return admit(one, ledger, admitted, rids())
  const reservation = admitted[one.which % admitted.length]
  if (reservation === undefined) return null
  switch (one.do) {
    case 'settle': return ledger.settle(reservation, anOutcome(one.use.input, one.use.output, one.use.cost))
    case 'void': return ledger.void(reservation, 'client_abort')
    case 'estimate': return ledger.estimate(reservation, { ...anOutcome(one.use.input, one.use.output, one.use.cost), source: 'estimated' })
    case 'renew':
      Object.assign(reservation.seen, { inputTokens: one.use.input, outputTokens: one.use.output, costNanoUsd: one.use.cost })
      return ledger.renew([reservation])
    case 'again':
      return admitAgain(reservation, ledger)
    case 'unknown': {
      const unknown = { ...reservation, rid: one.old ? rids(dedupeHorizonMs + 1) : rids() }
      return one.voids ? ledger.void(unknown, 'unknown') : ledger.settle(unknown, anOutcome(one.use.input, one.use.output, one.use.cost))
    }
  }
}

async function admit ({ ask }: Extract<Step, { do: 'admit' }>, ledger: Ledger, admitted: Reservation[], rid: string): Promise<unknown> {
  const admission = await ledger.admit(aRequest(rid, {
    projectId: ask.project,
    keyId: ask.key,
    model: ask.model,
    rules: ask.rules,
    hit: ask.hit,
    estimate: { inputTokens: ask.tokens, maxOutputTokens: 0, costNanoUsd: ask.cost, promptCostNanoUsd: ask.cost === null ? null : Math.floor(ask.cost / 3) }
  }))
  if (admission.admitted && admission.reservation !== null) admitted.push(admission.reservation)
  return admission.admitted ? admission.limits.map(shown) : admission.denial
}

async function admitAgain ({ rid, projectId, keyId, model, tokens, costNanoUsd }: Reservation, ledger: Ledger): Promise<unknown> {
  const estimate = { inputTokens: tokens, maxOutputTokens: 0, costNanoUsd, promptCostNanoUsd: 0 }
  try {
    return (await ledger.admit(aRequest(rid, { projectId, keyId, model, rules, estimate }))).limits.map(shown)
  } catch (error) {
    if (error instanceof RequestClosedError) return 'closed'
    throw error
  }
}

async function standings (ledger: Ledger): Promise<unknown> {
  const views = await Promise.all(projects.flatMap(project => keys.map(key => ledger.limits(project, key, rules))))
  return views.flat().map(shown)
}

function shown ({ rule, remaining, resetMs, exceeded }: LimitView): unknown {
  return [rule.id, remaining, resetMs, exceeded]
}

async function written (ledger: Ledger, clock: TestClock, startMs: number): Promise<unknown> {
  const rows: unknown[] = []
  for (const project of projects) {
    for await (const { text } of ledger.records.rows(project, 0)) rows.push([project, { ...parseRow(text), seq: 0 }])
  }
  const usage = await ledger.usage({
    startMs: startMs - 4 * dayMs, endMs: clock.ms, width: 'day', groupBy: ['project', 'key', 'model'], projectIds: null, keyIds: null, models: null, endpoints: null, limit: 1000
  })
  const buckets = usage.buckets.map(({ startMs, results }) => [startMs, inAnyOrder(results)])
  return [inAnyOrder(rows), buckets, await verifyLedger(ledger.records)]
}

/** Leases that run out in the same millisecond are billed in any order. */
function inAnyOrder (items: readonly unknown[]): unknown[] {
  return items.toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
}

/** Rids that are the same for every ledger that plays the same history. */
export function ridsOf (clock: TestClock, minted: string[]): (age?: number) => string {
  let next = 0
  return (age = 0) => {
    minted[next] ??= ridAt(clock.ms - age)
    return minted[next++] ?? ''
  }
}
