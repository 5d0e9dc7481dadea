import { viewOf } from '../../metering/limits.ts'
import type { LimitView } from '../../metering/limits.ts'
import { limiterOf, spenderOf } from '../../metering/rules.ts'
import type { LimitRule } from '../../metering/rules.ts'
import { StoreUnavailableError } from '../unavailable.ts'
import type { RedisClient } from './client.ts'
import type { LedgerClock } from './ledger-clock.ts'
import { keysOf } from './ledger-keys.ts'

/** Where limits stand, for people to look at: read one by one, so not of one moment. */
export class LedgerLimits {
  readonly #redis: RedisClient
  readonly #clock: LedgerClock

  constructor (redis: RedisClient, clock: LedgerClock) {
    this.#redis = redis
    this.#clock = clock
  }

  /** The store's clock, ms. */
  async now (): Promise<number> {
    return Math.floor(await this.#micros() / 1000)
  }

  /** `total` tells what all projects together have used in a month. */
  async views (projectId: string, keyId: string, rules: readonly LimitRule[], total: (period: string) => Promise<number>): Promise<LimitView[]> {
    try {
      const now = await this.#micros()
      const { id, end } = this.#clock.storeCalendar.at(now / 1000)
      const states = await Promise.all(rules.map(rule => rule.scope === 'organization' ? total(id) : this.#stateOf(projectId, keyId, rule, id)))
      return rules.map((rule, index) => viewOf(rule, states[index] ?? 0, now, end, false))
    } catch (cause) {
      throw new StoreUnavailableError('the ledger', cause)
    }
  }

  async #stateOf (projectId: string, keyId: string, rule: LimitRule, period: string): Promise<number> {
    const keys = keysOf(projectId)
    if (rule.metric === 'concurrency') return Number(await this.#redis.hget(keys.held, limiterOf(rule, keyId)) ?? 0)
    if (rule.metric !== 'spend_per_month') return Number(await this.#redis.get(keys.bucket(limiterOf(rule, keyId))) ?? 0)
    const spender = spenderOf(rule, keyId)
    const [spent, reserved] = await this.#redis.hmget(keys.spend(period), `spent:${spender}`, `reserved:${spender}`)
    return Number(spent ?? 0) + Number(reserved ?? 0)
  }

  async #micros (): Promise<number> {
    const given = this.#clock.given()
    if (given !== '') return Number(given)
    const [seconds, micros] = await this.#redis.time() as unknown as [string | number, string | number]
    return Number(seconds) * 1_000_000 + Number(micros)
  }
}
