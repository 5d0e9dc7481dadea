import type { NewServiceAccount, Page, PageQuery, ServiceAccountsStore } from '../directory.ts'
import { existing, inForce, writable } from './checks.ts'
import { create } from './create.ts'
import { lists } from './kinds.ts'
import type { Actor, ServiceAccount, Source } from './objects.ts'
import { readOne, readPage } from './pages.ts'
import type { Records } from './records.ts'
import type { Transaction } from './transaction.ts'
import type { Writer } from './writer.ts'

/** Keys revoked in one transaction: each one costs a record and an audit entry, and no transaction may be long. */
const keysAtOnce = 50

export function newServiceAccount (given: NewServiceAccount, createdAt: number, source: Source): ServiceAccount {
  return { ...given, createdAt, deletedAt: null, source }
}

export class ServiceAccountRecords implements ServiceAccountsStore {
  readonly #records: Records
  readonly #writer: Writer

  constructor (records: Records, writer: Writer) {
    this.#records = records
    this.#writer = writer
  }

  create (given: NewServiceAccount, by: Actor): Promise<ServiceAccount> {
    return this.#writer.write(by, async transaction => {
      inForce('project', existing('project', given.projectId, await transaction.get('project', given.projectId)))
      return create(transaction, 'service_account', newServiceAccount(given, transaction.now, 'api'), given)
    })
  }

  get (id: string): Promise<ServiceAccount | null> {
    return readOne(this.#records, 'service_account', id)
  }

  list (projectId: string, query: PageQuery): Promise<Page<ServiceAccount>> {
    return readPage(this.#records, 'service_account', lists.accountsOf(projectId), query)
  }

  rename (id: string, name: string, by: Actor): Promise<ServiceAccount> {
    return this.#change(id, by, now => ({ ...inForce('service account', now), name }))
  }

  /** The keys stop working with the first transaction; those after it only clear them away. */
  async delete (id: string, by: Actor): Promise<ServiceAccount> {
    const deleted = await this.#change(id, by, (now, at) => ({ ...now, deletedAt: now.deletedAt ?? at }))
    await revokeKeysOf(id, this.#records, this.#writer, by)
    return deleted
  }

  #change (id: string, by: Actor, change: (now: ServiceAccount, at: number) => ServiceAccount): Promise<ServiceAccount> {
    return this.#writer.write(by, async transaction => {
      const now = writable('service account', existing('service account', id, await transaction.get('service_account', id)))
      const next = change(now, transaction.now)
      transaction.put('service_account', next)
      return next
    })
  }
}

/** Revokes what keys a deleted account has left, some at a time. */
export async function revokeKeysOf (accountId: string, records: Records, writer: Writer, by: Actor): Promise<void> {
  let revoked: number
  do {
    const left = await records.list(lists.keysOfAccount(accountId), { after: null, limit: keysAtOnce, order: 'asc' })
    revoked = await writer.write(by, transaction => revoke(transaction, left.map(({ id }) => id)))
  } while (revoked > 0)
}

async function revoke (transaction: Transaction, keyIds: readonly string[]): Promise<number> {
  const keys = (await transaction.getAll('api_key', keyIds)).filter(key => key !== null).filter(key => key.revokedAt === null)
  for (const key of keys) transaction.put('api_key', { ...key, revokedAt: transaction.now })
  return keys.length
}
