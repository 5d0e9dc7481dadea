import type { KeyPatch, KeysStore, NewKey, Page, PageQuery } from '../directory.ts'
import { bounded, existing, inForce, writable } from './checks.ts'
import { create } from './create.ts'
import { DirectoryError } from './directory-error.ts'
import { lists } from './kinds.ts'
import type { LastUsed } from './last-used.ts'
import type { Actor, KeyRecord, Source } from './objects.ts'
import { readOne, readPage } from './pages.ts'
import type { Records } from './records.ts'
import type { Transaction } from './transaction.ts'
import type { Writer } from './writer.ts'

/** Keys that a project may have at a time, expired ones that nobody deleted among them. */
const maxKeys = 10_000

export function newKey (given: NewKey, createdAt: number, source: Source): KeyRecord {
  return bounded({ scopes: null, rateLimits: [], spendLimit: null, expiresAt: null, ...given, createdAt, revokedAt: null, source })
}

export class KeyRecords implements KeysStore {
  readonly #records: Records
  readonly #writer: Writer
  readonly #lastUsed: LastUsed

  constructor (records: Records, writer: Writer, lastUsed: LastUsed) {
    this.#records = records
    this.#writer = writer
    this.#lastUsed = lastUsed
  }

  create (given: NewKey, by: Actor): Promise<KeyRecord> {
    return this.#writer.write(by, async transaction => {
      await this.#checkHome(transaction, given)
      return create(transaction, 'api_key', newKey(given, transaction.now, 'api'), given)
    })
  }

  get (id: string): Promise<KeyRecord | null> {
    return readOne(this.#records, 'api_key', id)
  }

  list (projectId: string, query: PageQuery): Promise<Page<KeyRecord>> {
    return readPage(this.#records, 'api_key', lists.keysOf(projectId), query)
  }

  update (id: string, change: (now: KeyRecord) => KeyPatch, by: Actor): Promise<KeyRecord> {
    return this.#change(id, by, now => bounded({ ...inForce('key', now), ...change(now) }))
  }

  revoke (id: string, by: Actor): Promise<KeyRecord> {
    return this.#change(id, by, (now, at) => ({ ...now, revokedAt: now.revokedAt ?? at }))
  }

  noteUse (id: string): void {
    this.#lastUsed.note(id)
  }

  lastUsedAt (ids: readonly string[]): Promise<ReadonlyArray<number | null>> {
    return this.#lastUsed.read(ids)
  }

  async #checkHome (transaction: Transaction, { projectId, serviceAccountId }: NewKey): Promise<void> {
    inForce('project', existing('project', projectId, await transaction.get('project', projectId)))
    const account = await transaction.get('service_account', serviceAccountId)
    inForce('service account', existing('service account', serviceAccountId, account?.projectId === projectId ? account : null))
    if (await this.#records.count(lists.keysOf(projectId)) >= maxKeys) {
      throw new DirectoryError('too_many', `A project can have at most ${maxKeys} keys. Delete those that have expired.`)
    }
  }

  #change (id: string, by: Actor, change: (now: KeyRecord, at: number) => KeyRecord): Promise<KeyRecord> {
    return this.#writer.write(by, async transaction => {
      const now = writable('key', existing('key', id, await transaction.get('api_key', id)))
      const next = change(now, transaction.now)
      transaction.put('api_key', next)
      return next
    })
  }
}
