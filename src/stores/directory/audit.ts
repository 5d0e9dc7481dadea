import { setImmediate } from 'node:timers/promises'
import type { AuditFilter, AuditStore, Page, PageQuery } from '../directory.ts'
import { decode, lists } from './kinds.ts'
import type { AuditEntry } from './objects.ts'
import { sequenceOf } from './pages.ts'
import type { Records } from './records.ts'

/** Entries read at once while looking for those that a filter wants: so few that the event loop is not held up for long. */
const entriesAtOnce = 500

/** The audit log. Filters read through it, which is affordable for a log with a bound that people look at now and then. */
export class AuditRecords implements AuditStore {
  readonly #records: Records

  constructor (records: Records) {
    this.#records = records
  }

  async list ({ after, limit, order, ...filter }: PageQuery & AuditFilter): Promise<Page<AuditEntry>> {
    const found: AuditEntry[] = []
    let cursor = after === undefined ? null : await sequenceOf(this.#records, 'audit', after)
    for (;; await setImmediate()) {
      const some = await this.#records.list(lists.audit, { after: cursor, limit: entriesAtOnce, order })
      found.push(...some.map(record => decode('audit', record)).filter(entry => isWanted(entry, filter)))
      cursor = some.at(-1)?.seq ?? cursor
      if (found.length > limit || some.length < entriesAtOnce) return { data: found.slice(0, limit), hasMore: found.length > limit }
    }
  }
}

function isWanted (entry: AuditEntry, { types, projectIds, actorIds, objectIds, from, to }: AuditFilter): boolean {
  return isAmong(entry.type, types) && isAmong(entry.projectId, projectIds) && isAmong(entry.actor.id, actorIds) &&
    isAmong(entry.objectId, objectIds) && entry.at >= (from ?? 0) && entry.at <= (to ?? Infinity)
}

function isAmong (value: string | null, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || (value !== null && wanted.includes(value))
}
