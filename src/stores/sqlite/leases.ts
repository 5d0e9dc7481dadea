import { randomUUID } from 'node:crypto'
import type { AnswerKey, Lease, Resignation } from '../answer-store.ts'

/** How a lease ended, as its waiters are told. */
export type LeaseEnd = 'stored' | Resignation

interface Held {
  readonly lease: Lease
  readonly waiters: Set<(end: LeaseEnd) => void>
  lapse: NodeJS.Timeout
}

/** Who fetches which answer, within one process: a lease that is not renewed lapses, and its waiters learn that it is vacant. */
export class LocalLeases {
  readonly #held = new Map<string, Held>()

  /** Null when someone else holds it. */
  claim ({ project, fingerprint }: AnswerKey, ms: number): Lease | null {
    if (this.#held.has(fingerprint)) return null
    const lease = { project, fingerprint, token: randomUUID() }
    this.#held.set(fingerprint, { lease, waiters: new Set(), lapse: this.#lapseAfter(lease, ms) })
    return lease
  }

  holds (lease: Lease): boolean {
    return this.#held.get(lease.fingerprint)?.lease.token === lease.token
  }

  renew (lease: Lease, ms: number): boolean {
    const held = this.#held.get(lease.fingerprint)
    if (held?.lease.token !== lease.token) return false
    clearTimeout(held.lapse)
    held.lapse = this.#lapseAfter(lease, ms)
    return true
  }

  /** Does nothing when the lease is not held any more. */
  end (lease: Lease, how: LeaseEnd): void {
    const held = this.#held.get(lease.fingerprint)
    if (held?.lease.token !== lease.token) return
    clearTimeout(held.lapse)
    this.#held.delete(lease.fingerprint)
    for (const wake of held.waiters) wake(how)
  }

  /** Ends every lease of a project, or of all. */
  endAll (project?: string): void {
    for (const { lease } of [...this.#held.values()]) {
      if (project === undefined || lease.project === project) this.end(lease, 'vacant')
    }
  }

  /** Null when nobody holds the lease; `timeout` after `ms`. */
  async wait ({ fingerprint }: AnswerKey, ms: number): Promise<LeaseEnd | 'timeout' | null> {
    const held = this.#held.get(fingerprint)
    if (held === undefined) return null
    const { promise, resolve } = Promise.withResolvers<LeaseEnd | 'timeout'>()
    const timer = setTimeout(() => { resolve('timeout') }, ms)
    held.waiters.add(resolve)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      held.waiters.delete(resolve)
    }
  }

  #lapseAfter (lease: Lease, ms: number): NodeJS.Timeout {
    return setTimeout(() => { this.end(lease, 'vacant') }, ms).unref()
  }
}
