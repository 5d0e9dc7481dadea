import { dayMs, hourMs } from '../../metering/usage.ts'

/** Of all projects together. Each is alone in its slot. */
export const sharedKeys = {
  /** A random text, written once: its absence means that Redis forgot. */
  epoch: 'tg:epoch',
  /** Hash: project → the epoch under which it was registered. */
  projects: 'tg:projects',
  /** Sorted set: replica → when it was last seen, ms. */
  replicas: 'tg:replicas',
  /** Set: replicas that have told this server all they know. */
  caughtUp: (identity: string) => `tg:caught-up:${identity}`,
  /** Held by the replica whose turn it is to reap. */
  reaper: 'tg:reaper',
  total: (period: string) => `tg:{total}:spend:${period}`
}

/** Projects whose key names are remembered. */
const maxRemembered = 10_000
/** Names of one project that are remembered: its limiters, and the hours, days and months of now. */
const maxNames = 500

const remembered = new Map<string, ProjectKeys>()

/** One project's keys. They are put together once, not for every request. */
export function keysOf (projectId: string): ProjectKeys {
  let keys = remembered.get(projectId)
  if (keys === undefined) {
    if (remembered.size >= maxRemembered) remembered.clear()
    keys = new ProjectKeys(projectId)
    remembered.set(projectId, keys)
  }
  return keys
}

/** The keys of a project share a hash tag, so that every script stays in one slot. */
class ProjectKeys {
  readonly open: string
  readonly lease: string
  readonly held: string
  readonly meta: string
  readonly ledger: string
  readonly #prefix: string
  readonly #spends = new Map<string, string>()
  readonly #buckets = new Map<string, string>()
  readonly #done = new Map<number, string>()
  readonly #days = new Map<number, string>()
  readonly #minutes = new Map<number, string>()

  constructor (projectId: string) {
    this.#prefix = `tg:{${projectId}}:`
    this.open = this.#prefix + 'open'
    this.lease = this.#prefix + 'lease'
    this.held = this.#prefix + 'held'
    this.meta = this.#prefix + 'meta'
    this.ledger = this.#prefix + 'ledger'
  }

  spend (period: string): string {
    return this.#name(this.#spends, 'spend', period)
  }

  bucket (limiter: string): string {
    return this.#name(this.#buckets, 'gcra', limiter)
  }

  /** Requests that ended, by the hour in which they were minted. */
  done (minted: number): string {
    return this.#name(this.#done, 'done', Math.floor(minted / hourMs))
  }

  /** Sums by the hour, a day. */
  day (minted: number): string {
    return this.#name(this.#days, 'day', Math.floor(minted / dayMs))
  }

  /** Sums by the minute, an hour. */
  minutes (minted: number): string {
    return this.#name(this.#minutes, 'minutes', Math.floor(minted / hourMs))
  }

  #name<Part extends string | number> (names: Map<Part, string>, kind: string, part: Part): string {
    let name = names.get(part)
    if (name === undefined) {
      if (names.size >= maxNames) names.clear()
      name = `${this.#prefix}${kind}:${part}`
      names.set(part, name)
    }
    return name
  }
}

export type { ProjectKeys }
