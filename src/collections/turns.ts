interface Waiting {
  readonly act: () => void
  /** By the clock. */
  readonly since: number
}

/** Begins so many pieces of work in one turn of the event loop; the others wait for a later one, first come, first served. */
export class Turns {
  readonly #most: number
  readonly #inNextTurn: (act: () => void) => void
  readonly #clock: () => number
  readonly #waiting: Waiting[] = []
  #begun = 0
  #waits = { count: 0, ms: 0 }

  /**
   * @param inNextTurn `setImmediate`
   * @param clock ms
   */
  constructor (most: number, inNextTurn: (act: () => void) => void, clock: () => number) {
    this.#most = most
    this.#inNextTurn = inNextTurn
    this.#clock = clock
  }

  /** Acts at once, or in a later turn. */
  begin (act: () => void): void {
    if (this.#begun < this.#most && this.#waiting.length === 0) this.#start(act, 0)
    else this.#waiting.push({ act, since: this.#clock() })
  }

  /** How long those waited, on average, that have begun since this was last asked for, ms. */
  takeMeanWait (): number {
    const { count, ms } = this.#waits
    this.#waits = { count: 0, ms: 0 }
    return count === 0 ? 0 : ms / count
  }

  #start (act: () => void, waited: number): void {
    if (this.#begun++ === 0) this.#inNextTurn(() => { this.#next() })
    this.#waits.count++
    this.#waits.ms += waited
    act()
  }

  #next (): void {
    this.#begun = 0
    while (this.#begun < this.#most) {
      const waiting = this.#waiting.shift()
      if (waiting === undefined) return
      this.#start(waiting.act, this.#clock() - waiting.since)
    }
  }
}
