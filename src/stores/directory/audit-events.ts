import { isDeepStrictEqual } from 'node:util'
import { newOrganization } from './objects.ts'
import type { AuditEntry } from './objects.ts'
import type { Kind, ObjectOf } from './records.ts'

/** What of an audit entry follows from the change itself. */
export type AuditEvent = Pick<AuditEntry, 'type' | 'objectKind' | 'objectId' | 'projectId' | 'before' | 'after'>
export type AuditedKind = AuditEntry['objectKind']
type Fields = Readonly<Record<string, unknown>>

/** Fields whose change has its own event; that of any other field is `<kind>.updated`. */
const fieldEvents: Readonly<Record<string, string>> = {
  rateLimits: 'rate_limit.updated',
  models: 'model_permissions.updated',
  spendLimit: 'spend_limit.updated',
  spendAlerts: 'spend_alert.updated'
}

const names: Readonly<Record<AuditedKind, string>> = {
  organization: 'organization',
  project: 'project',
  service_account: 'service_account',
  api_key: 'api_key',
  admin_key: 'admin_api_key'
}

const retirements: Readonly<Record<string, string>> = { archivedAt: 'archived', deletedAt: 'deleted', revokedAt: 'deleted' }

export function isAudited (kind: Kind): kind is AuditedKind {
  return kind in names
}

/** The audit events of one object's change, one for each part of it that changed. */
export function auditEvents<K extends AuditedKind> (kind: K, before: ObjectOf[K] | null, after: ObjectOf[K]): AuditEvent[] {
  const object = { objectKind: kind, objectId: after.id, projectId: projectOf(kind, after) }
  const from = before ?? (kind === 'organization' ? newOrganization : null)
  if (from === null) return [{ ...object, type: `${names[kind]}.created`, before: null, after: visible(after) }]
  const [old, now] = [visible(from), visible(after)]
  return [...groupByEvent(kind, changedFields(old, now), now)].map(([type, fields]) =>
    ({ ...object, type, before: pick(old, fields), after: pick(now, fields) }))
}

/** The names of the fields in which two objects differ. */
export function changedFields (before: Fields, after: Fields): string[] {
  return Object.keys(after).filter(field => !isDeepStrictEqual(before[field], after[field]))
}

function groupByEvent (kind: AuditedKind, fields: readonly string[], now: Fields): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const field of fields) {
    const type = eventOf(kind, field, now)
    groups.set(type, [...groups.get(type) ?? [], field])
  }
  return groups
}

function eventOf (kind: AuditedKind, field: string, now: Fields): string {
  const retirement = retirements[field]
  if (retirement !== undefined) return `${names[kind]}.${now[field] === null ? 'restored' : retirement}`
  return fieldEvents[field] ?? `${names[kind]}.updated`
}

function projectOf (kind: AuditedKind, object: object): string | null {
  if ('projectId' in object) return String(object.projectId)
  return kind === 'project' && 'id' in object ? String(object.id) : null
}

/** The start of a digest is enough to see that another key took its place. */
function visible (object: object): Fields {
  return 'digest' in object && Buffer.isBuffer(object.digest) ? { ...object, digest: object.digest.toString('hex', 0, 4) } : { ...object }
}

function pick (fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map(name => [name, fields[name]]))
}
