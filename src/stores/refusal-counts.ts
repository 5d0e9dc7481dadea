import { LRUCache } from 'lru-cache'
import type { Count, SharedCounts } from './shared-counts.ts'

export interface RefusalCountsOptions {
  /** ms */
  readonly window: number
  /** Tells these counts from others in the same store. */
  readonly group: string
  /** Null: this process is alone. */
  readonly shared: SharedCounts | null
  /** Told of counts that others have added to. */
  readonly onCount: (count: Count) => void
}

interface Entry {
  current: number
  /** When it begins anew, ms of the monotonic clock. */
  endsAt: number
  /** How many of them the other replicas do not know yet. */
  unshared: number
}

type Answer = (error: null, count: Count) => void

/** Addresses remembered at most. Beyond it the longest unseen is forgotten. */
const maxAddresses = 10_000
/** So often what was counted here is added to what others counted, ms. */
const shareInterval = 250
/** Addresses shared at once. */
const maxShared = 1_000

/**
 * Counts per address, in memory, added up with those of other replicas a little later: nobody waits for that, and while the store is
 * away each replica counts for itself. A store of `@fastify/rate-limit`.
 */
export class RefusalCounts {
  readonly #options: RefusalCountsOptions
  readonly #entries = new LRUCache<string, Entry>({ max: maxAddresses })
  readonly #unshared = new Set<string>()
  #timer: NodeJS.Timeout | null = null

  constructor (options: RefusalCountsOptions) {
    this.#options = options
  }

  incr (address: string, answer: Answer): void {
    const entry = this.#entryOf(address)
    entry.current++
    entry.unshared++
    if (this.#options.shared !== null && this.#unshared.size < maxAddresses) {
      this.#unshared.add(address)
      this.#schedule()
    }
    answer(null, countOf(entry))
  }

  read (address: string, answer: Answer): void {
    answer(null, countOf(this.#entryOf(address)))
  }

  close (): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #schedule (): void {
    this.#timer ??= setTimeout(() => { void this.#share() }, shareInterval).unref()
  }

  #entryOf (address: string): Entry {
    const now = performance.now()
    const known = this.#entries.get(address)
    if (known !== undefined && known.endsAt > now) return known
    const entry = { current: 0, endsAt: now + this.#options.window, unshared: 0 }
    this.#entries.set(address, entry)
    return entry
  }

  async #share (): Promise<void> {
    const { shared, group, window } = this.#options
    const additions = this.#take()
    const named = new Map([...additions].map(([address, count]) => [`${group}:${address}`, count]))
    try {
      const counts = await shared?.add(named, window)
      for (const address of additions.keys()) this.#learn(address, counts?.get(`${group}:${address}`))
    } catch {
      // Counted here all the same; said again with the next refusal of the address.
      for (const [address, count] of additions) this.#entryOf(address).unshared += count
    }
    this.#timer = null
    if (this.#unshared.size > 0) this.#schedule()
  }

  #take (): Map<string, number> {
    const additions = new Map<string, number>()
    for (const address of [...this.#unshared].slice(0, maxShared)) {
      const entry = this.#entryOf(address)
      if (entry.unshared > 0) additions.set(address, entry.unshared)
      entry.unshared = 0
      this.#unshared.delete(address)
    }
    return additions
  }

  #learn (address: string, count: Count | undefined): void {
    if (count === undefined) return
    const entry = this.#entryOf(address)
    entry.current = count.current + entry.unshared
    entry.endsAt = performance.now() + count.ttl
    this.#options.onCount(countOf(entry))
  }
}

function countOf ({ current, endsAt }: Entry): Count {
  return { current, ttl: Math.max(0, endsAt - performance.now()) }
}
