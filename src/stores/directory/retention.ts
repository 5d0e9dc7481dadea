import { decode, lists, listsOf } from './kinds.ts'
import type { AdminKey, KeyRecord, ServiceAccount } from './objects.ts'
import type { Records, StoredRecord } from './records.ts'

/** The audit log's bound. Whoever needs more of it reads it out in time. */
const maxAuditEntries = 50_000
/** Deleted accounts and revoked keys keep their names for those who read old usage: this long, in seconds. */
const retiredFor = 400 * 24 * 3600
/** Records removed at a time, so that no transaction is long. */
const recordsAtOnce = 100

/** Removes some of what is older than the directory promises to keep. */
export async function forgetOld (records: Records, now: number): Promise<void> {
  await remove(records, await oldestAudit(records))
  await remove(records, await longRetired(records, now))
}

async function oldestAudit (records: Records): Promise<readonly StoredRecord[]> {
  const excess = await records.count(lists.audit) - maxAuditEntries
  if (excess <= 0) return []
  return records.list(lists.audit, { after: null, limit: Math.min(excess, recordsAtOnce), order: 'asc' })
}

async function longRetired (records: Records, now: number): Promise<StoredRecord[]> {
  const oldest = await records.list(lists.retired, { after: null, limit: recordsAtOnce, order: 'asc' })
  return oldest.filter(record => {
    const { deletedAt, revokedAt } = JSON.parse(record.body) as Partial<ServiceAccount & KeyRecord & AdminKey>
    return (deletedAt ?? revokedAt ?? now) < now - retiredFor
  })
}

async function remove (records: Records, old: readonly StoredRecord[]): Promise<void> {
  if (old.length === 0) return
  const removals = old.map(record => ({ kind: record.kind, id: record.id, leaves: listsOf(record.kind, decode(record.kind, record)) }))
  await records.commit({ expected: old, puts: [], removals })
}
