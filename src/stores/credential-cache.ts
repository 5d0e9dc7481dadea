import { LRUCache } from 'lru-cache'
import { GatewayError } from '../openai/errors.ts'
import type { Credential, Directory, DirectoryChange } from './directory.ts'
import { Shared } from './shared.ts'

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
const maxCached = 10_000

/**
 * What the directory said of keys lately. Credentials are remembered for as long as there is room, and only for those who brought the
 * key's secret. Nothing is remembered for strangers: their guesses push nothing out, and each takes the same way whether there is a
 * key of that id or not, the first time and every other.
 */
export class CredentialCache {
  readonly #directory: Directory
  readonly #known = new LRUCache<string, Remembered>({ max: maxCached })
  /** Begun since the last change: what was begun before may not know of it. */
  #readings = new Shared<Credential | null>()
  readonly #looks = new Shared<Buffer | null>()
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
   * The digest of a key, for whoever has not proven yet to have its secret; null when there is no such key.
   * @throws auth_unavailable when the store fails
   */
  digest (keyId: string): Promise<Buffer | null> {
    return this.#looks.get(keyId, () => this.#directory.keyDigest(keyId).catch((cause: unknown) => { throw unavailable(cause) }))
  }

  /**
   * The credential of a key whose secret was proven, from the store unless it is fresh; null when there is no such key any more.
   * @throws auth_unavailable when the store fails and nothing young enough is remembered
   */
  async read (keyId: string): Promise<Credential | null> {
    const remembered = this.#known.get(keyId)
    if (remembered !== undefined && this.isFresh(remembered)) return remembered.credential
    return await this.#readings.get(keyId, () => this.#read(keyId))
  }

  close (): void {
    this.#unsubscribe()
  }

  async #read (keyId: string): Promise<Credential | null> {
    let credential: Credential | null
    const readings = this.#readings
    const readAt = Date.now()
    try {
      credential = await this.#directory.credential(keyId)
    } catch (cause) {
      const remembered = this.#known.get(keyId)
      if (remembered !== undefined && Date.now() - remembered.readAt < staleMs) return remembered.credential
      throw unavailable(cause)
    }
    if (credential === null) this.#known.delete(keyId)
    else if (this.#readings === readings) this.#known.set(keyId, { credential, readAt })
    return credential
  }

  #forget ({ everything, keyIds, projectIds }: DirectoryChange): void {
    const now = Date.now()
    this.#readings = new Shared()
    // A copy: to set an entry moves it to the front, where the cache's own iterator would meet it again, for ever.
    for (const [id, { credential, readAt }] of [...this.#known.entries()]) {
      const changed = keyIds.includes(id) || projectIds.includes(credential.project.id)
      if (changed) this.#known.set(id, { credential, readAt: 0 })
      // Nothing is known against this one: it is asked for again, and believed if the store is away by then.
      else if (everything) this.#known.set(id, { credential, readAt: Math.min(readAt, now - freshMs) })
    }
  }
}

function unavailable (cause: unknown): GatewayError {
  return new GatewayError('auth_unavailable', { headers: { 'retry-after': '1' }, cause })
}
