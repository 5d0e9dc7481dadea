import { denialOf, refuses, stateAfter, unitsOf, viewOf } from './limits.ts'
import type { Denial, LimitView } from './limits.ts'
import type { Period } from './period.ts'
import { demandOf, heldBy } from './reservation.ts'
import type { AdmitRequest, BucketCharge, Demand, Reservation } from './reservation.ts'
import { limiterOf, windowMicros } from './rules.ts'
import type { LimitRule } from './rules.ts'

/** What a store answers to an admission: its verdict, and the limiters' states as they were before it, in the order of the rules. */
export interface Decision {
  /** `repeated`: this rid was admitted before. `closed`: it already has its ledger row, or was voided. */
  readonly verdict: 'admitted' | 'denied' | 'repeated' | 'closed'
  /** The store's clock, µs. */
  readonly now: number
  /** The month by that clock. */
  readonly period: Period
  /** The month that pays: of a repeated admission, the first one's. */
  readonly paidBy: string
  readonly states: readonly number[]
  /** What the store reserved, where it had to work that out already. */
  readonly reservation?: Reservation
}

export interface Admitted {
  readonly admitted: true
  /** What must be settled or voided; null for a hit, which is its own row already. */
  readonly reservation: Reservation | null
  /** One a rule, after this request. */
  readonly limits: readonly LimitView[]
  /** The shared store was away: admitted by this replica alone. */
  readonly degraded: boolean
}

export interface Denied {
  readonly admitted: false
  readonly denial: Denial
  /** One a rule, as they are: a denied request takes nothing. */
  readonly limits: readonly LimitView[]
  readonly degraded: boolean
}

export type Admission = Admitted | Denied

/** The request came too late: its rid already has its ledger row, or was voided. */
export class RequestClosedError extends Error {
  override readonly name = 'RequestClosedError'

  constructor (rid: string) {
    super(`request ${rid} is closed`)
  }
}

/** The answer to the caller. Throws RequestClosedError. */
export function admissionOf (request: AdmitRequest, decision: Decision): Admission {
  if (decision.verdict === 'closed') throw new RequestClosedError(request.rid)
  const demand = demandOf(request)
  if (decision.verdict === 'denied') return denied(request, demand, decision)
  const reservation = request.hit === true ? null : ownReservation(decision) ?? reservationOf(request, demand, decision)
  return { admitted: true, reservation, limits: viewsAfter(request.rules, demand, decision), degraded: false }
}

/** The caller writes what it has seen into its own. */
function ownReservation ({ reservation }: Decision): Reservation | null {
  return reservation === undefined ? null : { ...reservation, seen: { ...reservation.seen } }
}

function denied ({ rid, rules }: AdmitRequest, demand: Demand, { now, period, states }: Decision): Denied {
  const denial = denialOf(rules, demand, states, now, period.end)
  if (denial === null) throw new Error(`request ${rid} was denied, and no rule says why`)
  const limits = rules.map((rule, index) => viewOf(rule, states[index] ?? 0, now, period.end, false))
  return { admitted: false, denial, limits, degraded: false }
}

/** The states of a repeated admission already contain its charge. */
function viewsAfter (rules: readonly LimitRule[], demand: Demand, { verdict, now, period, states }: Decision): LimitView[] {
  return rules.map((rule, index) => {
    const state = states[index] ?? 0
    if (verdict === 'repeated') return viewOf(rule, state, now, period.end, false)
    const units = unitsOf(rule, demand)
    return viewOf(rule, stateAfter(rule, units, state, now), now, period.end, refuses(rule, units, state, now))
  })
}

/** The reservation that a decision leads to. */
export function reservationOf (request: AdmitRequest, demand: Demand, decision: Decision): Reservation {
  const { rid, projectId, keyId, model, endpoint, estimate } = request
  return {
    rid,
    projectId,
    keyId,
    model,
    endpoint,
    period: decision.paidBy,
    tokens: demand.tokens,
    costNanoUsd: demand.costNanoUsd,
    buckets: bucketsOf(request, demand, decision),
    held: heldBy(request),
    seen: { inputTokens: estimate.inputTokens, outputTokens: 0, costNanoUsd: estimate.promptCostNanoUsd }
  }
}

function bucketsOf ({ rules, keyId }: AdmitRequest, demand: Demand, { verdict, now, states }: Decision): BucketCharge[] {
  const buckets: BucketCharge[] = []
  for (const [index, rule] of rules.entries()) {
    const window = windowMicros(rule.metric)
    const units = unitsOf(rule, demand)
    const state = states[index] ?? 0
    const untouched = window === 0 || units === 0 || (verdict === 'admitted' && refuses(rule, units, state, now))
    if (untouched) continue
    const ends = verdict === 'repeated' ? state : stateAfter(rule, units, state, now)
    buckets.push({ limiter: limiterOf(rule, keyId), limit: rule.limit, window, tokens: rule.metric === 'tokens_per_minute', ends })
  }
  return buckets
}
