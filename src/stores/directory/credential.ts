import type { Credential } from '../directory.ts'
import { StoreUnavailableError } from '../unavailable.ts'
import { decode, encode } from './kinds.ts'
import { newOrganization } from './objects.ts'
import type { KeyRecord } from './objects.ts'
import type { Kind, ObjectOf, Records, StoredRecord } from './records.ts'

/** What is read where there is no key: to find none takes as long as to find one. */
const nobody: KeyRecord = {
  id: '0'.repeat(12),
  digest: Buffer.alloc(32),
  projectId: 'proj_00000000000000000000',
  serviceAccountId: 'svc_acct_00000000000000000000',
  name: 'application',
  redacted: 'sk-tg_0000…0000',
  scopes: null,
  rateLimits: [],
  spendLimit: null,
  createdAt: 0,
  expiresAt: null,
  revokedAt: null,
  source: 'api'
}
const nobodysRecord: StoredRecord = { kind: 'api_key', id: nobody.id, version: 1, seq: 1, body: encode(nobody) }

/** The digest of a key, or null when there is no such key; one read, and as much work either way. */
export async function readKeyDigest (records: Records, keyId: string): Promise<Buffer | null> {
  const record = await records.firstOf({ kind: 'api_key', id: keyId }, { kind: 'setup', id: 'setup' })
  const isThere = record?.kind === 'api_key'
  const { digest } = decode('api_key', isThere ? record : nobodysRecord)
  return isThere ? digest : noSuchKey(record)
}

/** Reads a key and all that its bearer is, in two reads: the key says where it belongs. Null when there is no such key. */
export async function readCredential (records: Records, keyId: string): Promise<Credential | null> {
  const [keyRecord, organizationRecord, setupRecord] = await records.read([
    { kind: 'api_key', id: keyId },
    { kind: 'organization', id: newOrganization.id },
    { kind: 'setup', id: 'setup' }
  ])
  if (!keyRecord) return noSuchKey(setupRecord)
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

/** A directory that was never set up has forgotten its keys (Redis restarted empty): that is an outage, not "no such key". */
export function noSuchKey (setupRecord: StoredRecord | null | undefined): null {
  if (!setupRecord) throw new StoreUnavailableError('the directory', new Error('it has lost its contents'))
  return null
}

function required<K extends Kind> (kind: K, record: StoredRecord | null | undefined): ObjectOf[K] {
  if (!record) throw new Error(`a key belongs to a ${kind} that is not there`)
  return decode(kind, record)
}
