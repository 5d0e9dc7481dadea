import type { Actor, AuditEntry } from '../../stores/directory.ts'

/**
 * An entry as the API shows it: details under the event's own name, as OpenAI has it. `changed_by` and `previous` are
 * Tollgate's own: who changed it when it was no key, from where, and what the changed fields were before.
 */
export function auditLogObject (entry: AuditEntry) {
  return {
    object: 'organization.audit_log' as const,
    id: entry.id,
    type: entry.type,
    effective_at: entry.at,
    actor: actorOf(entry.actor),
    ...(entry.projectId === null ? {} : { project: { id: entry.projectId } }),
    [entry.type]: detailsOf(entry),
    previous: snakeCased(entry.before),
    changed_by: { type: entry.actor.type, id: entry.actor.id, address: entry.actor.address }
  }
}

/** OpenAI's actors are keys and sessions; the others are told in `changed_by`. */
function actorOf ({ type, id }: Actor) {
  return type === 'admin_key' && id !== null ? { type: 'api_key' as const, api_key: { id, type: 'service_account' as const } } : null
}

function detailsOf ({ type, objectId: id, after }: AuditEntry): object {
  if (type.endsWith('.created')) return { id, data: snakeCased(after) }
  return type.endsWith('.updated') ? { id, changes_requested: snakeCased(after) } : { id }
}

/** Names as everywhere in the API. */
function snakeCased (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`), snakeCased(member)]))
}
