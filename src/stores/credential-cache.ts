import { LRUCache } from 'lru-cache'
import { GatewayError } from '../openai/errors.ts'
import type { Credential, Directory, DirectoryChange } from './directory.ts'

/** A credential as it was when it was last read. */
export interface Remembered {
  readonly credential: Credential
  /** Unix ms; 0 when it has been changed since. */
  readonly readAt: number
}

/** A known key is believed this long without asking the store again, ms. Changes are announced; this is the net below. */
const freshMs = 5_000
/** …and this long when the store does not answer: an outage is not a 401. */
const staleMs = 60_000
/** An unknown key id is remembered this long, ms, so that guessing does not reach the store. */
const unknownMs = 1_000
const maxCached = 10_000

/**
 * What the directory said of keys lately. Good keys are remembered for as long as there is room; ids without a key have room of
 * their own, so that guessing does not push out the keys that are good.
 */
export class CredentialCache {
  readonly #directory: Directory
  readonly #known = new LRUCache<string, Remembered>({ max: maxCached })
  readonly #unknown = new LRUCache<string, true>({ max: maxCached, ttl: unknownMs })
  readonly #reading = new Map<string, Promise<Credential | null>>()
  readonly #unsubscribe: () => void

  constructor (directory: Directory) {
    this.#directory = directory
    this.#unsubscribe = directory.subscribe(change => { this.#forget(change) })
  }

  /** What is remembered of a key, however old. Ask `isFresh` whether it may be believed. */
  remembered (keyId: string): Remembered | undefined {
    return this.#known.get(keyId)
  }

  isFresh ({ readAt }: Remembered): boolean {
    return Date.now() - readAt < freshMs
  }

  /**
   * The credential, from the store unless it is fresh; null when there is no such key.
   * @throws auth_unavailable when the store fails and nothing young enough is remembered
   */
  async read (keyId: string): Promise<Credential | null> {
    const remembered = this.#known.get(keyId)
    if (remembered !== undefined && this.isFresh(remembered)) return remembered.credential
    if (this.#unknown.has(keyId)) return null
    let reading = this.#reading.get(keyId)
    if (reading === undefined) {
      reading = this.#ask(keyId, remembered).finally(() => { this.#reading.delete(keyId) })
      this.#reading.set(keyId, reading)
    }
    return await reading
  }

  close (): void {
    this.#unsubscribe()
  }

  async #ask (keyId: string, remembered: Remembered | undefined): Promise<Credential | null> {
    let credential: Credential | null
    try {
      credential = await this.#directory.credential(keyId)
    } catch (cause) {
      if (remembered !== undefined && Date.now() - remembered.readAt < staleMs) return remembered.credential
      throw new GatewayError('auth_unavailable', { headers: { 'retry-after': '1' }, cause })
    }
    if (credential !== null) this.#known.set(keyId, { credential, readAt: Date.now() })
    else {
      this.#known.delete(keyId)
      this.#unknown.set(keyId, true)
    }
    return credential
  }

  #forget ({ everything, keyIds, projectIds }: DirectoryChange): void {
    for (const id of keyIds) this.#unknown.delete(id)
    if (everything) this.#unknown.clear()
    // A copy: to set an entry moves it to the front, where the cache's own iterator would meet it again, for ever.
    for (const [id, { credential }] of [...this.#known.entries()]) {
      const changed = everything || keyIds.includes(id) || projectIds.includes(credential.project.id)
      if (changed) this.#known.set(id, { credential, readAt: 0 })
    }
  }
}
