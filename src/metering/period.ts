/** A calendar month in the configured time zone. */
export interface Period {
  /** `2026-11`. */
  readonly id: string
  /** First ms of it, and first ms of the next. */
  readonly start: number
  readonly end: number
}

const hour = 3_600_000
/** No time zone is further from UTC (RFC 9557 zones reach from −12 to +14; Manila was at −16 until 1844). */
const furthestOffset = 26 * hour

/** Calendar months in one time zone. Throws RangeError for a zone that does not exist. */
export class Calendar {
  /** Null for UTC, which needs none: Node reads its tables of zones and languages with the first. */
  readonly #format: Intl.DateTimeFormat | null
  #around: readonly [before: Period, current: Period, after: Period] | null = null

  /** `timeZone` is an IANA name (`Europe/Berlin`) or `UTC`. */
  constructor (timeZone: string) {
    this.#format = timeZone === 'UTC' ? null : new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', year: 'numeric', month: '2-digit' })
  }

  /** The month that a moment (ms) lies in. */
  at (ms: number): Period {
    return this.around(ms)[1]
  }

  /** The month of a moment, between its neighbours. Worked out once a month. */
  around (ms: number): readonly [before: Period, current: Period, after: Period] {
    if (this.#around === null || ms < this.#around[1].start || ms >= this.#around[1].end) {
      const current = this.#monthOf(ms)
      this.#around = [this.#monthOf(current.start - 1), current, this.#monthOf(current.end)]
    }
    return this.#around
  }

  #monthOf (ms: number): Period {
    const [year, month] = this.#monthAt(ms)
    return { id: periodId(year, month), start: this.#startOf(year, month), end: this.#startOf(year, month + 1) }
  }

  /** The first ms of a month, by bisection: local months only ever begin once, whatever the clocks do around it. */
  #startOf (year: number, month: number): number {
    const target = periodId(...normalised(year, month))
    let before = Date.UTC(year, month - 1, 1) - furthestOffset
    let reached = before + 2 * furthestOffset
    while (reached - before > 1) {
      const middle = Math.floor((before + reached) / 2)
      if (periodId(...this.#monthAt(middle)) < target) before = middle
      else reached = middle
    }
    return reached
  }

  #monthAt (ms: number): [year: number, month: number] {
    if (this.#format === null) return [new Date(ms).getUTCFullYear(), new Date(ms).getUTCMonth() + 1]
    let year = 0
    let month = 0
    for (const { type, value } of this.#format.formatToParts(ms)) {
      if (type === 'year') year = Number(value)
      if (type === 'month') month = Number(value)
    }
    return [year, month]
  }
}

function normalised (year: number, month: number): [year: number, month: number] {
  return month === 13 ? [year + 1, 1] : [year, month]
}

function periodId (year: number, month: number): string {
  return `${year}-${String(month).padStart(2, '0')}`
}
