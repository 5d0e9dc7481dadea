import type { Answer, AnswerKey, AnswerStore, Lease, Resignation } from './answer-store.ts'

/** Why a caller has to go on alone: its answer is then not stored. */
export type AloneReason = 'store-unavailable' | 'flight-failed' | 'flight-timeout'

/** What a caller gets: the answer, or the part it has to take. */
export type Opened =
  | { readonly is: 'hit', readonly answer: Answer }
  /** Nobody has the answer yet: fetch it, for all who wait. */
  | { readonly is: 'leader', readonly lead: Lead }
  | { readonly is: 'alone', readonly reason: AloneReason }

/** What a leader owes to those who wait: one of these calls, once. A second one does nothing; none of them throws. */
export interface Lead {
  /**
   * The answer is complete. Resolves when it is stored, or cannot be: `lost` when another leader has taken over meanwhile.
   * Those who wait here get it even from a store that has failed.
   */
  land (body: Buffer): Promise<'stored' | 'lost' | 'unavailable'>
  /** There is no answer that may be stored: those who wait go on alone. */
  fail (): void
  /** The leader's own caller has left: one of those who wait takes over. */
  leave (): void
}

export interface FlightSettings {
  /** How long an answer is kept, ms. */
  readonly ttl: number
  /** A leader that says nothing for so long is dead, ms. It says something three times as often. */
  readonly lease: number
  /** Longest wait for somebody else's answer, ms. */
  readonly wait: number
}

type Caller = (opened: Opened) => void

const failed: Opened = { is: 'alone', reason: 'flight-failed' }

/** All callers on this replica who want the same answer now. One of them at most is a leader; none of them asks the store itself. */
export class Flight {
  readonly #key: AnswerKey
  readonly #refresh: boolean
  readonly #store: AnswerStore
  readonly #settings: FlightSettings
  readonly #onEnd: (answer: Answer | null) => void
  /** Unix ms. */
  readonly #begun = Date.now()
  /** Those who wait, in the order they came. */
  readonly #callers = new Set<Caller>()

  /** @param onEnd the flight takes no more callers; with its answer, if there is one in the store */
  constructor (key: AnswerKey, refresh: boolean, store: AnswerStore, settings: FlightSettings, onEnd: (answer: Answer | null) => void) {
    this.#key = key
    this.#refresh = refresh
    this.#store = store
    this.#settings = settings
    this.#onEnd = onEnd
  }

  /** Rejects with the signal's reason when the caller leaves first. */
  async join (signal: AbortSignal): Promise<Opened> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<Opened>()
    // Whoever goes is out of the list at once: nobody else may be appointed in the same moment and never know.
    const leave = (): void => {
      this.#callers.delete(resolve)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      this.#callers.delete(resolve)
      resolve({ is: 'alone', reason: 'flight-timeout' })
    }, this.#settings.wait)
    this.#callers.add(resolve)
    signal.addEventListener('abort', leave)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
    }
  }

  /** Looks for the answer, or for somebody to fetch it. Call once, after the first caller has joined. */
  async run (): Promise<void> {
    try {
      while (this.#callers.size > 0) {
        if (await this.#step()) return
      }
      this.#end(failed)
    } catch {
      this.#end({ is: 'alone', reason: 'store-unavailable' })
    }
  }

  /** True when the flight is over, or a leader here has taken it. */
  async #step (): Promise<boolean> {
    const claim = await this.#store.claim(this.#key, this.#settings.lease, this.#refresh)
    if (claim.is === 'leader') return this.#take(claim.lease)
    const awaited = claim.is === 'stored' ? claim : await this.#store.wait(this.#key, this.#settings.wait)
    if (awaited.is === 'stored') return this.#isFresh(awaited.answer) && this.#end({ is: 'hit', answer: awaited.answer })
    return awaited.is === 'failed' && this.#end(failed)
  }

  /** What had been fetched when somebody asked for a new answer is not one, however late it was stored. By the clocks of the two replicas. */
  #isFresh ({ storedAt }: Answer): boolean {
    return !this.#refresh || storedAt > this.#begun
  }

  #take (lease: Lease): true {
    const renewal = setInterval(() => { this.#store.renew(lease, this.#settings.lease).catch(() => {}) }, this.#settings.lease / 3)
    this.#appoint(lease, renewal.unref())
    return true
  }

  /** The first of those who wait becomes the leader; when all have left, the lease goes back. */
  #appoint (lease: Lease, renewal: NodeJS.Timeout): void {
    const [caller] = this.#callers
    if (caller === undefined) {
      this.#resign(lease, renewal, 'vacant')
      return
    }
    this.#callers.delete(caller)
    caller({ is: 'leader', lead: this.#leadOf(lease, renewal) })
  }

  #leadOf (lease: Lease, renewal: NodeJS.Timeout): Lead {
    let over = false
    const first = (): boolean => !over && (over = true)
    return {
      land: async body => first() ? await this.#land(lease, renewal, body) : 'lost',
      fail: () => { if (first()) this.#resign(lease, renewal, 'failed') },
      leave: () => { if (first()) this.#appoint(lease, renewal) }
    }
  }

  async #land (lease: Lease, renewal: NodeJS.Timeout, body: Buffer): Promise<'stored' | 'lost' | 'unavailable'> {
    const answer = { body, storedAt: Date.now() }
    const stored = await this.#store.put(lease, answer, this.#settings.ttl).catch(() => null)
    clearInterval(renewal)
    // Whoever asks next must not wait for a leader who has gone.
    if (stored === null) this.#store.resign(lease, 'vacant').catch(() => {})
    if (stored === false) {
      void this.run()
      return 'lost'
    }
    this.#end({ is: 'hit', answer }, stored === true)
    return stored === true ? 'stored' : 'unavailable'
  }

  #resign (lease: Lease, renewal: NodeJS.Timeout, how: Resignation): void {
    clearInterval(renewal)
    this.#store.resign(lease, how).catch(() => {})
    this.#end(failed)
  }

  #end (opened: Opened, stored = true): true {
    this.#onEnd(opened.is === 'hit' && stored ? opened.answer : null)
    for (const caller of this.#callers) caller(opened)
    this.#callers.clear()
    return true
  }
}
