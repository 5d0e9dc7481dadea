import type { Credential } from '../directory.ts'
import { StoreUnavailableError } from '../unavailable.ts'
import { decode } from './kinds.ts'
import { newOrganization } from './objects.ts'
import type { Kind, ObjectOf, Records, StoredRecord } from './records.ts'

/**
 * Reads a key and all that its bearer is, in two reads: the key says where it belongs. Null when there is no such key.
 * A directory that was never set up has forgotten its keys (Redis restarted empty): that is an outage, not "no such key".
 */
export async function readCredential (records: Records, keyId: string): Promise<Credential | null> {
  const [keyRecord, organizationRecord, setupRecord] = await records.read([
    { kind: 'api_key', id: keyId },
    { kind: 'organization', id: newOrganization.id },
    { kind: 'setup', id: 'setup' }
  ])
  if (!keyRecord) {
    if (!setupRecord) throw new StoreUnavailableError('the directory', new Error('it has lost its contents'))
    return null
  }
  const key = decode('api_key', keyRecord)
  const [accountRecord, projectRecord] = await records.read([
    { kind: 'service_account', id: key.serviceAccountId },
    { kind: 'project', id: key.projectId }
  ])
  return {
    key,
    serviceAccount: required('service_account', accountRecord),
    project: required('project', projectRecord),
    organization: organizationRecord ? decode('organization', organizationRecord) : newOrganization,
    version: [keyRecord, accountRecord, projectRecord, organizationRecord].map(record => record?.version ?? 0).join('.')
  }
}

export type CredentialFault = 'revoked' | 'expired' | 'account_deleted' | 'project_archived'

/** Why a key that exists may not be used now, or null when it may. */
export function credentialFault ({ key, serviceAccount, project }: Credential, nowSeconds: number): CredentialFault | null {
  if (key.revokedAt !== null) return 'revoked'
  if (key.expiresAt !== null && key.expiresAt <= nowSeconds) return 'expired'
  if (serviceAccount.deletedAt !== null) return 'account_deleted'
  return project.archivedAt === null ? null : 'project_archived'
}

function required<K extends Kind> (kind: K, record: StoredRecord | null | undefined): ObjectOf[K] {
  if (!record) throw new Error(`a key belongs to a ${kind} that is not there`)
  return decode(kind, record)
}
