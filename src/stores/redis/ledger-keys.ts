import { mintedAt } from '../../metering/reservation.ts'
import { dayMs, hourMs } from '../../metering/usage.ts'

/** Of all projects together. Each is alone in its slot. */
export const sharedKeys = {
  /** A random text, written once: its absence means that Redis forgot. */
  epoch: 'tg:epoch',
  /** Hash: project → the epoch under which it was registered. */
  projects: 'tg:projects',
  /** Sorted set: replica → when it was last seen, ms. */
  replicas: 'tg:replicas',
  /** Held by the replica whose turn it is to reap. */
  reaper: 'tg:reaper',
  total: (period: string) => `tg:{total}:spend:${period}`
}

/** One project's keys: they share a hash tag, so that every script stays in one slot. */
export class ProjectKeys {
  readonly open: string
  readonly lease: string
  readonly held: string
  readonly meta: string
  readonly ledger: string
  readonly #prefix: string

  constructor (projectId: string) {
    this.#prefix = `tg:{${projectId}}:`
    this.open = this.#prefix + 'open'
    this.lease = this.#prefix + 'lease'
    this.held = this.#prefix + 'held'
    this.meta = this.#prefix + 'meta'
    this.ledger = this.#prefix + 'ledger'
  }

  spend (period: string): string {
    return `${this.#prefix}spend:${period}`
  }

  bucket (limiter: string): string {
    return `${this.#prefix}gcra:${limiter}`
  }

  /** Requests that ended, by the hour in which they were minted. */
  done (rid: string): string {
    return `${this.#prefix}done:${Math.floor(mintedAt(rid) / hourMs)}`
  }

  /** Sums by the hour, a day. */
  day (ms: number): string {
    return `${this.#prefix}day:${Math.floor(ms / dayMs)}`
  }

  /** Sums by the minute, an hour. */
  minutes (ms: number): string {
    return `${this.#prefix}minutes:${Math.floor(ms / hourMs)}`
  }
}
