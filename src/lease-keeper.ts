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
  readonly #open = new Set<Reservation>()
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
      if (this.#open.size > 0) await this.#ledger.renew([...this.#open])
    })
    this.#every(reapInterval, async () => {
      const count = await this.#ledger.reap()
      if (count > 0) this.#onReaped(count)
    })
  }

  stop (): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  keep (reservation: Reservation): void {
    this.#open.add(reservation)
  }

  release (reservation: Reservation): void {
    this.#open.delete(reservation)
  }

  #every (interval: number, turn: () => Promise<void>): void {
    const timer = setTimeout(() => {
      turn().catch(this.#onError).finally(() => { timer.refresh() })
    }, interval * (0.9 + Math.random() * 0.2))
    timer.unref()
    this.#timers.push(timer)
  }
}
