import { Calendar } from '../../metering/period.ts'
import type { Period } from '../../metering/period.ts'

/**
 * Time, as the ledger in Redis sees it. Decisions are made by the clock of Redis. This replica's only proposes which months may be
 * meant, so it may be wrong by weeks.
 */
export class LedgerClock {
  /** For moments of the store's clock. */
  readonly storeCalendar: Calendar
  readonly #ownCalendar: Calendar
  readonly #micros: (() => number) | null

  /** `micros`: for tests, what the scripts are to take for their clock. */
  constructor (timeZone: string, micros: (() => number) | null) {
    this.storeCalendar = new Calendar(timeZone)
    this.#ownCalendar = new Calendar(timeZone)
    this.#micros = micros
  }

  /** The clock for the scripts to use, or `''`: their own. */
  given (): string {
    return this.#micros === null ? '' : String(this.#micros())
  }

  /** This month by the clock of this replica, between its neighbours. */
  months (): readonly [before: Period, current: Period, after: Period] {
    return this.#ownCalendar.around(this.#micros === null ? Date.now() : this.#micros() / 1000)
  }
}
