import Type, { type Static } from 'typebox'
import type { AdminKey } from '../../stores/directory.ts'
import { KeyName, Lifetime } from './key-schema.ts'

export const NewAdminKeyBodySchema = Type.Object({ name: KeyName, expires_in_seconds: Type.Optional(Lifetime) }, { additionalProperties: false })
export type NewAdminKeyBody = Static<typeof NewAdminKeyBodySchema>

/** An admin key as the API shows it. Nobody owns it but the organization. `source` is Tollgate's own. */
export function adminKeyObject (key: AdminKey, lastUsedAt: number | null) {
  return {
    object: 'organization.admin_api_key' as const,
    id: key.id,
    name: key.name,
    redacted_value: key.redacted,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    last_used_at: lastUsedAt,
    owner: { object: 'organization.service_account', type: 'service_account', id: 'organization', name: 'organization', role: 'owner', created_at: key.createdAt },
    source: key.source
  }
}
