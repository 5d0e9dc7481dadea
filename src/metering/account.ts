import { corrected } from './gcra.ts'
import { stateAfter, unitsOf } from './limits.ts'
import type { Refund } from './posting.ts'
import type { Demand, Reservation } from './reservation.ts'
import { limiterOf, spenderOf, windowMicros } from './rules.ts'
import type { LimitRule } from './rules.ts'

/** Nano-USD of one spender in one month. */
interface Spend {
  spent: number
  reserved: number
}

/** A limiter's name and its TAT, µs. */
export type LimiterState = readonly [limiter: string, tat: number]

/** One project's limiters and money, in memory. */
export class Account {
  /** Number of the last row. */
  seq = 0
  readonly #tats = new Map<string, number>()
  readonly #held = new Map<string, number>()
  /** By month and spender. */
  readonly #spends = new Map<string, Map<string, Spend>>()

  stateOf (rule: LimitRule, keyId: string, period: string): number {
    if (rule.metric === 'concurrency') return this.#held.get(limiterOf(rule, keyId)) ?? 0
    if (rule.metric !== 'spend_per_month') return this.#tats.get(limiterOf(rule, keyId)) ?? 0
    const { spent, reserved } = this.#spend(period, spenderOf(rule, keyId))
    return spent + reserved
  }

  /** Takes what a request asks for out of its buckets. Returns their new states. */
  charge (rules: readonly LimitRule[], keyId: string, demand: Demand, states: readonly number[], now: number): LimiterState[] {
    const changed: LimiterState[] = []
    for (const [index, rule] of rules.entries()) {
      const before = states[index] ?? 0
      if (windowMicros(rule.metric) === 0) continue
      const tat = stateAfter(rule, unitsOf(rule, demand), before, now)
      if (tat !== before) changed.push(this.#setTat(limiterOf(rule, keyId), tat))
    }
    return changed
  }

  /** Money and places of an open reservation. */
  reserve ({ period, keyId, costNanoUsd, held }: Reservation): void {
    this.#spend(period, '').reserved += costNanoUsd
    this.#spend(period, keyId).reserved += costNanoUsd
    for (const limiter of held) this.#held.set(limiter, (this.#held.get(limiter) ?? 0) + 1)
  }

  release ({ period, keyId, costNanoUsd, held }: Reservation): void {
    this.#spend(period, '').reserved -= costNanoUsd
    this.#spend(period, keyId).reserved -= costNanoUsd
    for (const limiter of held) {
      const open = (this.#held.get(limiter) ?? 0) - 1
      if (open > 0) this.#held.set(limiter, open)
      else this.#held.delete(limiter)
    }
  }

  refund (refunds: readonly Refund[], now: number): LimiterState[] {
    return refunds.map(({ bucket, reserved, actual }) => {
      const tat = this.#tats.get(bucket.limiter) ?? 0
      return this.#setTat(bucket.limiter, corrected(tat, now, bucket.ends, reserved, actual))
    })
  }

  spend (period: string, keyId: string, costNanoUsd: number): void {
    this.addSpent(period, '', costNanoUsd)
    this.addSpent(period, keyId, costNanoUsd)
  }

  addSpent (period: string, spender: string, costNanoUsd: number): void {
    this.#spend(period, spender).spent += costNanoUsd
  }

  setLimiter ([limiter, tat]: LimiterState): void {
    this.#tats.set(limiter, tat)
  }

  /** Forgets full buckets and the months before `oldestPeriod` that nothing is reserved in. They are all on disk. */
  sweep (now: number, oldestPeriod: string): void {
    for (const [limiter, tat] of this.#tats) {
      if (tat <= now) this.#tats.delete(limiter)
    }
    for (const [period, spends] of this.#spends) {
      if (period >= oldestPeriod) continue
      for (const [spender, { reserved }] of spends) {
        if (reserved === 0) spends.delete(spender)
      }
      if (spends.size === 0) this.#spends.delete(period)
    }
  }

  #setTat (limiter: string, tat: number): LimiterState {
    this.#tats.set(limiter, tat)
    return [limiter, tat]
  }

  #spend (period: string, spender: string): Spend {
    let spends = this.#spends.get(period)
    if (spends === undefined) this.#spends.set(period, spends = new Map())
    let spend = spends.get(spender)
    if (spend === undefined) spends.set(spender, spend = { spent: 0, reserved: 0 })
    return spend
  }
}
