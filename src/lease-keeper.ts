import { Places } from './collections/places.ts'
import type { Reservation } from './metering/reservation.ts'
import type { Ledger } from './stores/ledger.ts'

/** Leases last 30 s: two renewals may fail. */
const renewInterval = 10_000
const reapInterval = 5_000

/**
 * Keeps the leases of this process's open requests, and ends those that nobody keeps any more. Every replica reaps; the time between
 * two turns is jittered so that they do not do it together.
 */
export class LeaseKeeper {
  readonly #ledger: Pick<Ledger, 'renew' | 'reap'>
  readonly #open = new Places<Reservation>()
  readonly #onReaped: (count: number) => void
  readonly #onError: (error: unknown) => void
  readonly #timers: NodeJS.Timeout[] = []

  constructor (ledger: Pick<Ledger, 'renew' | 'reap'>, onReaped: (count: number) => void, onError: (error: unknown) => void) {
    this.#ledger = ledger
    this.#onReaped = onReaped
    this.#onError = onError
  }

  start (): void {
    this.#every(renewInterval, async () => {
      if (this.#open.size > 0) await this.#ledger.renew([...this.#open.values()])
    })
    this.#every(reapInterval, async () => {
      const count = await this.#ledger.reap()
      if (count > 0) this.#onReaped(count)
    })
  }

  stop (): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  /** Returns what to release it by. */
  keep (reservation: Reservation): number {
    return this.#open.add(reservation)
  }

  release (place: number): void {
    this.#open.remove(place)
  }

  #every (interval: number, turn: () => Promise<void>): void {
    const timer = setTimeout(() => {
      turn().catch(this.#onError).finally(() => { timer.refresh() })
    }, interval * (0.9 + Math.random() * 0.2))
    timer.unref()
    this.#timers.push(timer)
  }
}
