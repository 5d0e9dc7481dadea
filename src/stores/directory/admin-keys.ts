import type { AdminKeysStore, NewAdminKey, Page, PageQuery } from '../directory.ts'
import { existing, writable } from './checks.ts'
import { create } from './create.ts'
import { noSuchKey } from './credential.ts'
import { lists } from './kinds.ts'
import type { LastUsed } from './last-used.ts'
import type { Actor, AdminKey, Source } from './objects.ts'
import { readAll, readOne, readPage } from './pages.ts'
import type { Records } from './records.ts'
import type { Writer } from './writer.ts'

export function newAdminKey (given: NewAdminKey, createdAt: number, source: Source): AdminKey {
  return { expiresAt: null, ...given, createdAt, revokedAt: null, source }
}

export class AdminKeyRecords implements AdminKeysStore {
  readonly #records: Records
  readonly #writer: Writer
  readonly #lastUsed: LastUsed

  constructor (records: Records, writer: Writer, lastUsed: LastUsed) {
    this.#records = records
    this.#writer = writer
    this.#lastUsed = lastUsed
  }

  create (given: NewAdminKey, by: Actor): Promise<AdminKey> {
    return this.#writer.write(by, transaction =>
      create(transaction, 'admin_key', newAdminKey(given, transaction.now, 'api'), given))
  }

  get (id: string): Promise<AdminKey | null> {
    return readOne(this.#records, 'admin_key', id)
  }

  async list (query: PageQuery): Promise<Page<AdminKey>> {
    const page = await readPage(this.#records, 'admin_key', lists.adminKeys, query)
    if (page.data.length === 0) noSuchKey((await this.#records.read([{ kind: 'setup', id: 'setup' }]))[0])
    return page
  }

  revoke (id: string, by: Actor): Promise<AdminKey> {
    return this.#writer.write(by, async transaction => {
      const now = writable('admin key', existing('admin key', id, await transaction.get('admin_key', id)))
      const next = { ...now, revokedAt: now.revokedAt ?? transaction.now }
      transaction.put('admin_key', next)
      return next
    })
  }

  declare (given: NewAdminKey | null, by: Actor): Promise<void> {
    return this.#writer.write(by, async transaction => {
      const declared = await readAll(this.#records, lists.declaredAdminKeys)
      for (const key of await transaction.getAll('admin_key', declared.map(({ id }) => id))) {
        if (key !== null && key.id !== given?.id) transaction.put('admin_key', { ...key, revokedAt: transaction.now })
      }
      if (given === null) return
      const there = await transaction.get('admin_key', given.id)
      transaction.put('admin_key', newAdminKey(given, there?.createdAt ?? transaction.now, 'file'))
    })
  }

  noteUse (id: string): void {
    this.#lastUsed.note(id)
  }

  lastUsedAt (ids: readonly string[]): Promise<ReadonlyArray<number | null>> {
    return this.#lastUsed.read(ids)
  }
}
