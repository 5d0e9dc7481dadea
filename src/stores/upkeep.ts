import type { Admission } from '../metering/admission.ts'
import type { AdmitRequest, Reservation } from '../metering/reservation.ts'
import type { Ledger, LedgerEvent } from './ledger.ts'

const renewInterval = 10_000
const reapInterval = 5_000
/** After the store was away, every replica renews its leases before any replica bills what seems to have run out, ms. */
const reapPause = 10_000

export interface UpkeepOptions {
  readonly ledger: Ledger
  /** Whether it is this process's turn to reap for all. */
  readonly takeTurn: () => Promise<boolean>
  readonly onEvent: (event: LedgerEvent) => void
}

/** Keeps the leases of the requests that this process serves, and bills those of processes that are gone. */
export class Upkeep {
  readonly #options: UpkeepOptions
  readonly #live = new Map<string, Reservation>()
  #timers: NodeJS.Timeout[] = []
  #reapAfter = 0

  constructor (options: UpkeepOptions) {
    this.#options = options
  }

  start (): void {
    const reapEvery = reapInterval * (0.8 + 0.4 * Math.random())
    this.#timers = [setInterval(() => { void this.renew() }, renewInterval).unref(), setInterval(() => { void this.#reap() }, reapEvery).unref()]
  }

  stop (): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  /** Requests that are under way. */
  get live (): number {
    return this.#live.size
  }

  follow (admission: Admission): void {
    if (admission.admitted && admission.reservation !== null) this.#live.set(admission.reservation.rid, admission.reservation)
  }

  forget ({ rid }: Pick<AdmitRequest, 'rid'>): void {
    this.#live.delete(rid)
  }

  /** Now, and not only at the next turn: the store may have lost leases. */
  async renew (): Promise<void> {
    await this.#quietly(() => this.#options.ledger.renew([...this.#live.values()]))
  }

  /** The store was away: nobody could renew. */
  returned (): void {
    this.#reapAfter = performance.now() + reapPause
    void this.renew()
  }

  async #reap (): Promise<void> {
    if (performance.now() < this.#reapAfter) return
    await this.#quietly(async () => {
      if (await this.#options.takeTurn()) await this.#options.ledger.reap()
    })
  }

  async #quietly (work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#options.onEvent({ type: 'error', error })
    }
  }
}
