import { charged, chargeMicros, holds, remaining, waitMicros } from './gcra.ts'
import { windowMicros } from './rules.ts'
import type { LimitRule } from './rules.ts'
import type { Demand } from './reservation.ts'

/**
 * One limiter's state is one number: a bucket's TAT (µs), the open requests of a concurrency limit, or the nano-USD spent and
 * reserved of a month. A store reads the states and decides; what is told to the caller is worked out here, once, for every store.
 */

/** Where a limit stands for the caller. */
export interface LimitView {
  readonly rule: LimitRule
  /** Requests, tokens, places or nano-USD left; never negative. */
  readonly remaining: number
  /** Until the limit is whole again, ms; 0 for concurrency, where nobody knows. */
  readonly resetMs: number
  /** The request went over it, and a shadow rule let it. */
  readonly exceeded: boolean
}

/** `size`: the request alone is larger than the limit and can never pass. */
export type DenialKind = 'rate' | 'spend' | 'size' | 'concurrency'

export interface Denial {
  readonly rule: LimitRule
  readonly kind: DenialKind
  readonly limit: number
  /** What is in use: requests, tokens, places or nano-USD. */
  readonly current: number
  readonly resetMs: number
  /** When this request could pass, ms; null where waiting does not help within a client's patience (`size`, `spend`). */
  readonly retryAfterMs: number | null
}

/** When a place becomes free is anybody's guess. */
const concurrencyRetryMs = 1000

/** How much of the rule's limit a request takes. */
export function unitsOf ({ metric }: LimitRule, demand: Demand): number {
  switch (metric) {
    case 'requests_per_minute':
    case 'requests_per_day':
      return 1
    case 'tokens_per_minute':
      return demand.tokens
    case 'concurrency':
      return demand.hit ? 0 : 1
    case 'spend_per_month':
      return demand.costNanoUsd
  }
}

/** What a request does to one limit. */
export interface Effect {
  /** How much of the limit it takes. */
  readonly units: number
  /** The rule, shadow or not, has no room for it. */
  readonly refused: boolean
  /** The limiter's state when the request is admitted. A shadow bucket without room is left alone, as if it had denied. */
  readonly after: number
}

/** One effect a rule. */
export function effectsOf (rules: readonly LimitRule[], demand: Demand, states: readonly number[], now: number): Effect[] {
  return rules.map((rule, index) => effectOf(rule, unitsOf(rule, demand), states[index] ?? 0, now))
}

function effectOf (rule: LimitRule, units: number, state: number, now: number): Effect {
  if (units === 0) return { units, refused: false, after: state }
  const window = windowMicros(rule.metric)
  if (window === 0) return { units, refused: state + units > rule.limit, after: state + units }
  if (!holds(state, now, units, rule.limit, window)) return { units, refused: true, after: state }
  return { units, refused: false, after: charged(state, now, chargeMicros(units, rule.limit, window)) }
}

export function viewOf (rule: LimitRule, state: number, now: number, periodEndMs: number, exceeded: boolean): LimitView {
  return { rule, remaining: left(rule, state, now), resetMs: resetMs(rule, state, now, periodEndMs), exceeded }
}

/** The denial that lasts longest of those that the states give rise to: whoever waits it out passes the others too. Null: all rules let the request in. */
export function denialOf (rules: readonly LimitRule[], effects: readonly Effect[], states: readonly number[], now: number, periodEndMs: number): Denial | null {
  let longest: Denial | null = null
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index] as LimitRule
    const effect = effects[index] as Effect
    if (!effect.refused || rule.shadow === true) continue
    const denial = denialBy(rule, effect.units, states[index] ?? 0, now, periodEndMs)
    if (longest === null || lasts(denial) > lasts(longest)) longest = denial
  }
  return longest
}

function denialBy (rule: LimitRule, units: number, state: number, now: number, periodEndMs: number): Denial {
  const kind = kindOf(rule, units)
  return {
    rule,
    kind,
    limit: rule.limit,
    current: inUse(rule, state, now),
    resetMs: resetMs(rule, state, now, periodEndMs),
    retryAfterMs: retryAfterMs(kind, rule, units, state, now)
  }
}

function kindOf ({ metric, limit }: LimitRule, units: number): DenialKind {
  if (metric === 'concurrency') return 'concurrency'
  if (metric === 'spend_per_month') return 'spend'
  return units > limit ? 'size' : 'rate'
}

function retryAfterMs (kind: DenialKind, rule: LimitRule, units: number, state: number, now: number): number | null {
  if (kind === 'concurrency') return concurrencyRetryMs
  if (kind !== 'rate') return null
  const window = windowMicros(rule.metric)
  return ceilMs(waitMicros(state, now, units, rule.limit, window))
}

function lasts ({ kind, retryAfterMs, resetMs }: Denial): number {
  return kind === 'size' ? Infinity : retryAfterMs ?? resetMs
}

function left (rule: LimitRule, state: number, now: number): number {
  const window = windowMicros(rule.metric)
  return window === 0 ? Math.max(0, rule.limit - state) : remaining(state, now, rule.limit, window)
}

function inUse (rule: LimitRule, state: number, now: number): number {
  return windowMicros(rule.metric) === 0 ? state : rule.limit - left(rule, state, now)
}

function resetMs ({ metric }: LimitRule, state: number, now: number, periodEndMs: number): number {
  if (metric === 'concurrency') return 0
  return Math.max(0, metric === 'spend_per_month' ? Math.ceil(periodEndMs - now / 1000) : ceilMs(state - now))
}

function ceilMs (micros: number): number {
  return Math.ceil(micros / 1000)
}
