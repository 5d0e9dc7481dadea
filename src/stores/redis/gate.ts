import { StoreUnavailableError } from '../unavailable.ts'

export interface GateOptions {
  /** What is behind it, for error messages. */
  readonly name: string
  /** Asks whether it answers again. */
  readonly probe: () => Promise<unknown>
  /** Told of every opening and closing of the breaker. */
  readonly onChange: (available: boolean) => void
}

const failuresToOpen = 5
const probeInterval = 500
const maxPending = 1000

/**
 * A breaker and a bound around calls to something that may hang. After five failures in a row nothing is tried for a while: callers
 * are refused at once, and a probe every half second finds out when it answers again.
 */
export class Gate {
  readonly #options: GateOptions
  #failures = 0
  #pending = 0
  #probing: NodeJS.Timeout | null = null

  constructor (options: GateOptions) {
    this.#options = options
  }

  /** False: calls are refused without being tried. */
  get available (): boolean {
    return this.#probing === null
  }

  /** Rejects with UnansweredError when the call was made and failed, and with another StoreUnavailableError when it was not made. */
  async call<Result> (send: () => Promise<Result>): Promise<Result> {
    if (!this.available) throw this.#refusal('it did not answer a moment ago')
    if (this.#pending >= maxPending) throw this.#refusal('too many calls are waiting')
    this.#pending++
    try {
      const result = await send()
      this.#failures = 0
      return result
    } catch (cause) {
      this.#failures++
      if (this.#failures >= failuresToOpen) this.#open()
      throw wasNeverSent(cause) ? new StoreUnavailableError(this.#options.name, cause) : new UnansweredError(this.#options.name, cause)
    } finally {
      this.#pending--
    }
  }

  close (): void {
    if (this.#probing !== null) clearInterval(this.#probing)
  }

  #refusal (why: string): StoreUnavailableError {
    return new StoreUnavailableError(this.#options.name, new Error(why))
  }

  #open (): void {
    if (this.#probing !== null) return
    this.#probing = setInterval(() => { void this.#probe() }, probeInterval)
    this.#probing.unref()
    this.#options.onChange(false)
  }

  async #probe (): Promise<void> {
    try {
      await this.#options.probe()
    } catch {
      return
    }
    if (this.#probing === null) return
    clearInterval(this.#probing)
    this.#probing = null
    this.#failures = 0
    this.#options.onChange(true)
  }
}

/** The call was made and got no answer: whether it did what it was to do is unknown. */
export class UnansweredError extends StoreUnavailableError {
  override readonly name: string = 'UnansweredError'
}

/** ioredis refuses a command while there is no connection, instead of queueing it. */
function wasNeverSent (cause: unknown): boolean {
  return cause instanceof Error && cause.message.endsWith('enableOfflineQueue options is false')
}
