import type { Kind, ObjectOf, StoredRecord } from './records.ts'

/** Names of the ordered lists that records belong to. */
export const lists = {
  projects: 'projects',
  activeProjects: 'projects:active',
  adminKeys: 'admin_keys',
  audit: 'audit',
  /** The configuration's objects that are in force. */
  declared: 'declared',
  declaredAdminKeys: 'declared:admin_keys',
  /** Revoked keys and deleted accounts, kept a while for those who read the audit log. */
  retired: 'retired',
  accountsOf: (projectId: string) => `service_accounts:${projectId}`,
  keysOf: (projectId: string) => `keys:${projectId}`,
  keysOfAccount: (accountId: string) => `keys_of_account:${accountId}`
}

const membership: { [K in Kind]: (object: ObjectOf[K]) => string[] } = {
  organization: () => [],
  setup: () => [],
  audit: () => [lists.audit],
  project: ({ archivedAt }) => archivedAt === null ? [lists.projects, lists.activeProjects] : [lists.projects],
  service_account: ({ projectId, deletedAt }) => deletedAt === null ? [lists.accountsOf(projectId)] : [lists.retired],
  api_key: ({ projectId, serviceAccountId, revokedAt }) =>
    revokedAt === null ? [lists.keysOf(projectId), lists.keysOfAccount(serviceAccountId)] : [lists.retired],
  admin_key: ({ revokedAt }) => revokedAt === null ? [lists.adminKeys] : [lists.retired]
}

/** The lists an object belongs to, in the state it is in. */
export function listsOf<K extends Kind> (kind: K, object: ObjectOf[K] | null): string[] {
  if (object === null) return []
  const own = membership[kind](object)
  if (!isDeclared(object)) return own
  return [...own, kind === 'admin_key' ? lists.declaredAdminKeys : lists.declared]
}

function isDeclared (object: ObjectOf[Kind]): boolean {
  return 'source' in object && object.source === 'file' && !isRetired(object)
}

/** Archived, deleted or revoked. */
export function isRetired (object: ObjectOf[Kind]): boolean {
  const { archivedAt, deletedAt, revokedAt } = object as { archivedAt?: number | null, deletedAt?: number | null, revokedAt?: number | null }
  return (archivedAt ?? deletedAt ?? revokedAt ?? null) !== null
}

export function encode (object: ObjectOf[Kind]): string {
  return JSON.stringify('digest' in object ? { ...object, digest: object.digest.toString('hex') } : object)
}

export function decode<K extends Kind> (kind: K, record: StoredRecord): ObjectOf[K] {
  const object = JSON.parse(record.body)
  return kind === 'api_key' || kind === 'admin_key' ? { ...object, digest: Buffer.from(object.digest, 'hex') } : object
}
