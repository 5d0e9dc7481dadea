import { mintedAt } from './reservation.ts'
import type { Outcome, RowKind } from './row.ts'

/** How a rid ended. An `estimated` one still has what it was billed, for the one correction that may come. */
export interface Ending {
  readonly kind: RowKind
  readonly billed: Pick<Outcome, 'usage' | 'costNanoUsd'> | null
}

/** Most endings remembered: two generations of this many, about 10 MB. */
const generationSize = 32_768

/**
 * Which requests have ended, for one process that ends them all. Remembers the newest and looks up the others, so that a new
 * request costs no look-up: a rid minted after a generation began can only have ended within it or a younger one.
 */
export class ClosedRequests {
  readonly #lookUp: (rid: string) => Ending | null
  #young = new Map<string, Ending>()
  #old = new Map<string, Ending>()
  /** Everything that ended since these moments (ms) is in the generation. */
  #youngSince: number
  #oldSince: number

  /** `since` (ms): nothing has ended in this process before it. */
  constructor (since: number, lookUp: (rid: string) => Ending | null) {
    this.#youngSince = since
    this.#oldSince = since
    this.#lookUp = lookUp
  }

  find (rid: string): Ending | null {
    const young = this.#young.get(rid)
    if (young !== undefined) return young
    const minted = mintedAt(rid)
    if (minted > this.#youngSince) return null
    const old = this.#old.get(rid)
    if (old !== undefined) return old
    return minted > this.#oldSince ? null : this.#lookUp(rid)
  }

  add (rid: string, ending: Ending, nowMs: number): void {
    if (this.#young.size >= generationSize) {
      this.#old = this.#young
      this.#oldSince = this.#youngSince
      this.#young = new Map()
      this.#youngSince = nowMs
    }
    this.#young.set(rid, ending)
  }
}
