import { corrected } from './gcra.ts'
import type { Effect } from './limits.ts'
import type { Refund } from './posting.ts'
import type { Reservation } from './reservation.ts'
import { limiterOf, spenderOf, windowMicros } from './rules.ts'
import type { LimitRule } from './rules.ts'

/** Nano-USD of one spender in one month. */
interface Spend {
  spent: number
  reserved: number
}

/** A bucket of a project. */
export interface Limiter {
  readonly projectId: string
  readonly name: string
  /** µs */
  tat: number
  /** Has been written down as it is. */
  clean: boolean
}

/** A project's limiter and its TAT, µs. */
export type LimiterState = readonly [projectId: string, limiter: string, tat: number]

/** One project's limiters and money, in memory. */
export class Account {
  /** Number of the last row. */
  seq = 0
  readonly #projectId: string
  readonly #changed: Limiter[]
  readonly #limiters = new Map<string, Limiter>()
  readonly #held = new Map<string, number>()
  /** By month and spender. */
  readonly #spends = new Map<string, Map<string, Spend>>()

  /** Limiters that are to be written down add themselves to `changed`, once. */
  constructor (projectId: string, changed: Limiter[]) {
    this.#projectId = projectId
    this.#changed = changed
  }

  stateOf (rule: LimitRule, keyId: string, period: string): number {
    if (rule.metric === 'concurrency') return this.#held.get(limiterOf(rule, keyId)) ?? 0
    if (rule.metric !== 'spend_per_month') return this.#limiters.get(limiterOf(rule, keyId))?.tat ?? 0
    const { spent, reserved } = this.#spend(period, spenderOf(rule, keyId))
    return spent + reserved
  }

  /** Takes what a request asks for out of its buckets. */
  charge (rules: readonly LimitRule[], keyId: string, effects: readonly Effect[]): void {
    for (let index = 0; index < rules.length; index++) {
      const rule = rules[index] as LimitRule
      const { units, refused, after } = effects[index] as Effect
      if (units > 0 && !refused && windowMicros(rule.metric) > 0) this.#change(limiterOf(rule, keyId), after)
    }
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

  refund (refunds: readonly Refund[], now: number): void {
    for (const { bucket, reserved, actual } of refunds) {
      const tat = this.#limiters.get(bucket.limiter)?.tat ?? 0
      this.#change(bucket.limiter, corrected(tat, now, bucket.ends, reserved, actual))
    }
  }

  spend (period: string, keyId: string, costNanoUsd: number): void {
    this.addSpent(period, '', costNanoUsd)
    this.addSpent(period, keyId, costNanoUsd)
  }

  addSpent (period: string, spender: string, costNanoUsd: number): void {
    this.#spend(period, spender).spent += costNanoUsd
  }

  /** Puts back what had been written down. */
  setLimiter (name: string, tat: number): void {
    this.#limiters.set(name, { projectId: this.#projectId, name, tat, clean: true })
  }

  /** Forgets full buckets and the months before `oldestPeriod` that nothing is reserved in. They are all on disk. */
  sweep (now: number, oldestPeriod: string): void {
    for (const { name, tat, clean } of this.#limiters.values()) {
      if (tat <= now && clean) this.#limiters.delete(name)
    }
    for (const [period, spends] of this.#spends) {
      if (period >= oldestPeriod) continue
      for (const [spender, { reserved }] of spends) {
        if (reserved === 0) spends.delete(spender)
      }
      if (spends.size === 0) this.#spends.delete(period)
    }
  }

  #change (name: string, tat: number): void {
    let limiter = this.#limiters.get(name)
    if (limiter === undefined) this.#limiters.set(name, limiter = { projectId: this.#projectId, name, tat, clean: true })
    limiter.tat = tat
    if (!limiter.clean) return
    limiter.clean = false
    this.#changed.push(limiter)
  }

  #spend (period: string, spender: string): Spend {
    let spends = this.#spends.get(period)
    if (spends === undefined) this.#spends.set(period, spends = new Map())
    let spend = spends.get(spender)
    if (spend === undefined) spends.set(spender, spend = { spent: 0, reserved: 0 })
    return spend
  }
}
