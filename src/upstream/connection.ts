import type { Dispatcher } from 'undici'
import type { Attempt } from './attempt.ts'
import { Client } from './undici.ts'

/**
 * One keep-alive connection of a pool, which remembers whether its present socket has served before.
 * That is what tells a stale keep-alive socket (nothing can have been billed: try again) from a fresh one that died after
 * the request was written (anything may have happened: do not).
 */
export class Connection extends Client {
  /** Answers begun on the present socket. */
  #served = 0

  constructor (origin: string | URL, options?: object) {
    super(origin, options)
    this.on('connect', () => { this.#served = 0 })
  }

  /** The present socket has carried an earlier answer. */
  get reused (): boolean {
    return this.#served > 0
  }

  countAnswer (): void {
    this.#served++
  }

  override dispatch (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    (handler as Attempt).connection = this
    return super.dispatch(options, handler)
  }
}
