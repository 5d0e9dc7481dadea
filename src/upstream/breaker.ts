export interface BreakerOptions {
  /** Failures in a row that open the breaker. */
  readonly failures: number
  /** ms after which an open breaker lets one probe through. */
  readonly probeInterval: number
}

export type BreakerState = 'closed' | 'open' | 'half_open'

/** `probe`: the one request that finds out whether the upstream works again. It owes the breaker a word on how it ended. */
export type BreakerAnswer = 'yes' | 'probe' | 'no'

/**
 * Gives a failing upstream a pause: after `failures` failures in a row nothing is sent, but for one probe every
 * `probeInterval`. A probe that succeeds closes it. The clock is the caller's (monotonic ms).
 */
export class Breaker {
  readonly #options: BreakerOptions
  #failures = 0
  #openedAt = 0
  #probing = false

  constructor (options: BreakerOptions) {
    this.#options = options
  }

  get state (): BreakerState {
    if (this.#failures < this.#options.failures) return 'closed'
    return this.#probing ? 'half_open' : 'open'
  }

  /** May a request be sent now? */
  admits (now: number): BreakerAnswer {
    if (this.#failures < this.#options.failures) return 'yes'
    if (this.#probing || now - this.#openedAt < this.#options.probeInterval) return 'no'
    this.#probing = true
    return 'probe'
  }

  success (): void {
    this.#failures = 0
    this.#probing = false
  }

  failure (now: number): void {
    this.#failures++
    this.#probing = false
    if (this.#failures >= this.#options.failures) this.#openedAt = now
  }

  /** The probe ended without telling anything of the upstream (its client left, say): the next request may be one. */
  probeLost (): void {
    this.#probing = false
  }
}
