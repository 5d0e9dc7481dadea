import { GatewayError } from '../openai/errors.ts'
import type { AdminKey, Directory } from './directory.ts'

/** The keys are believed this long without asking the store again, ms. Changes are announced; this is the net below. */
const freshMs = 5_000
/** …and this long when the store does not answer: an outage is not a 401. */
const staleMs = 60_000
const keysAtOnce = 100
/** More admin keys than these are not read, so that the ring has a bound. */
const maxPages = 100

interface Reading {
  readonly keys: ReadonlyMap<string, AdminKey>
  /** Monotonic ms. */
  readonly readAt: number
}

/** All admin keys in force. There are few, so an id that is not among them is answered without the store. */
export class AdminKeyring {
  readonly #directory: Directory
  readonly #unsubscribe: () => void
  #last: Reading | null = null
  #isChanged = false
  #reading: Promise<Reading> | null = null

  constructor (directory: Directory) {
    this.#directory = directory
    this.#unsubscribe = directory.subscribe(({ everything, keyIds }) => { this.#isChanged ||= everything || keyIds.length > 0 })
  }

  /** @throws auth_unavailable when the store fails and nothing young enough is remembered */
  async find (id: string): Promise<AdminKey | null> {
    return (await this.#keys()).get(id) ?? null
  }

  close (): void {
    this.#unsubscribe()
  }

  async #keys (): Promise<Reading['keys']> {
    const last = this.#last
    if (last !== null && !this.#isChanged && performance.now() - last.readAt < freshMs) return last.keys
    try {
      this.#reading ??= this.#read().finally(() => { this.#reading = null })
      return (await this.#reading).keys
    } catch (cause) {
      this.#isChanged = true
      if (last !== null && performance.now() - last.readAt < staleMs) return last.keys
      throw new GatewayError('auth_unavailable', { headers: { 'retry-after': '1' }, cause })
    }
  }

  async #read (): Promise<Reading> {
    // A change that is announced while the pages are read makes the next call read them again.
    this.#isChanged = false
    const readAt = performance.now()
    const keys = new Map<string, AdminKey>()
    let after: string | undefined
    for (let page = 0; page < maxPages; page++) {
      const { data, hasMore } = await this.#directory.adminKeys.list({ after, limit: keysAtOnce, order: 'asc' })
      for (const key of data) keys.set(key.id, key)
      after = data.at(-1)?.id
      if (!hasMore) break
    }
    this.#last = { keys, readAt }
    return this.#last
  }
}
