import { denialOf, effectsOf, viewOf } from './limits.ts'
import type { Denial, Effect, LimitView } from './limits.ts'
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
  /** What the request does to the limits, and what the store reserved, where it had to work that out already. */
  readonly effects?: readonly Effect[]
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
  /** The rid was voided with it, for it may have been let in elsewhere: it must not be asked for again. */
  readonly final?: true
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
  const effects = decision.effects ?? effectsOf(request.rules, demandOf(request), decision.states, decision.now)
  if (decision.verdict === 'denied') return denied(request, effects, decision)
  const reservation = request.hit === true ? null : ownReservation(decision) ?? reservationOf(request, demandOf(request), effects, decision)
  return { admitted: true, reservation, limits: viewsAfter(request.rules, effects, decision), degraded: false }
}

/** The caller writes what it has seen into its own. */
function ownReservation ({ reservation }: Decision): Reservation | null {
  return reservation === undefined ? null : { ...reservation, seen: { ...reservation.seen } }
}

function denied ({ rid, rules }: AdmitRequest, effects: readonly Effect[], { now, period, states }: Decision): Denied {
  const denial = denialOf(rules, effects, states, now, period.end)
  if (denial === null) throw new Error(`request ${rid} was denied, and no rule says why`)
  const limits = rules.map((rule, index) => viewOf(rule, states[index] ?? 0, now, period.end, false))
  return { admitted: false, denial, limits, degraded: false }
}

/** The states of a repeated admission already contain its charge. */
function viewsAfter (rules: readonly LimitRule[], effects: readonly Effect[], { verdict, now, period, states }: Decision): LimitView[] {
  return rules.map((rule, index) => {
    const { after, refused } = effects[index] as Effect
    if (verdict === 'repeated') return viewOf(rule, states[index] ?? 0, now, period.end, false)
    return viewOf(rule, after, now, period.end, refused)
  })
}

/** The reservation that a decision leads to. */
export function reservationOf (request: AdmitRequest, demand: Demand, effects: readonly Effect[], decision: Pick<Decision, 'verdict' | 'paidBy' | 'states'>): Reservation {
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
    buckets: bucketsOf(request, effects, decision),
    held: heldBy(request),
    seen: { inputTokens: estimate.inputTokens, outputTokens: 0, costNanoUsd: estimate.promptCostNanoUsd }
  }
}

function bucketsOf ({ rules, keyId }: AdmitRequest, effects: readonly Effect[], { verdict, states }: Pick<Decision, 'verdict' | 'states'>): BucketCharge[] {
  const buckets: BucketCharge[] = []
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index] as LimitRule
    const { units, refused, after } = effects[index] as Effect
    const window = windowMicros(rule.metric)
    const untouched = window === 0 || units === 0 || (verdict === 'admitted' && refused)
    if (untouched) continue
    const ends = verdict === 'repeated' ? states[index] ?? 0 : after
    buckets.push({ limiter: limiterOf(rule, keyId), limit: rule.limit, window, tokens: rule.metric === 'tokens_per_minute', ends })
  }
  return buckets
}
