import Type, { type Static } from 'typebox'
import { digestKey, mintKey, redactKey } from '../../keys/key.ts'
import { allScopes } from '../../keys/scopes.ts'
import type { Actor, Directory, KeyPatch, KeyRecord, ServiceAccount } from '../../stores/directory.ts'
import { KeyRateLimitsSchema, rateLimitFields, rateLimitsOf } from './rate-limit-schema.ts'
import { SpendLimitBodySchema, spendLimitFields, spendLimitOf } from './spend-limit-schema.ts'

/** 10 years. */
const maxLifetime = 10 * 365 * 24 * 3600

export const Lifetime = Type.Union([Type.Integer({ minimum: 1, maximum: maxLifetime }), Type.Null()])
export const KeyName = Type.String({ minLength: 1, maxLength: 256 })

const fields = {
  name: Type.Optional(KeyName),
  expires_in_seconds: Type.Optional(Lifetime),
  scopes: Type.Optional(Type.Array(Type.Enum([...allScopes]), { maxItems: allScopes.length })),
  rate_limits: Type.Optional(KeyRateLimitsSchema),
  spend_limit: Type.Optional(Type.Union([SpendLimitBodySchema, Type.Null()]))
}

/** `rate_limits` and `spend_limit` are Tollgate's own: limits of the key, beside the project's. */
export const KeyBodySchema = Type.Object(fields, { additionalProperties: false })
export type KeyBody = Static<typeof KeyBodySchema>

/** What a body changes; what it leaves out stays. No scopes at all are all permissions. */
export function keyPatch (body: KeyBody): KeyPatch {
  const { name, scopes, rate_limits: rateLimits, spend_limit: spendLimit, expires_in_seconds: lifetime } = body
  return {
    ...(name === undefined ? {} : { name }),
    ...(scopes === undefined ? {} : { scopes: scopes.length === 0 ? null : scopes }),
    ...(rateLimits === undefined ? {} : { rateLimits: rateLimitsOf(rateLimits) }),
    ...(spendLimit === undefined ? {} : { spendLimit: spendLimit === null ? null : spendLimitOf(spendLimit) }),
    ...(lifetime === undefined ? {} : { expiresAt: expiryOf(lifetime) })
  }
}

export function expiryOf (lifetime: number | null): number | null {
  return lifetime === null ? null : Math.floor(Date.now() / 1000) + lifetime
}

/** Makes a key for a service account and shows its value, the only time. */
export async function makeKey (directory: Directory, pepper: string, account: ServiceAccount, body: KeyBody, actor: Actor) {
  const { id, token } = mintKey()
  const key = await directory.keys.create({
    id,
    digest: digestKey(token, pepper),
    redacted: redactKey(token),
    projectId: account.projectId,
    serviceAccountId: account.id,
    ...keyPatch(body),
    name: body.name ?? account.name
  }, actor)
  return {
    object: 'organization.project.service_account.api_key' as const,
    id,
    value: token,
    name: key.name,
    created_at: key.createdAt,
    expires_at: key.expiresAt
  }
}

/** A key as the API shows it; the last four are Tollgate's own. */
export function keyObject (key: KeyRecord, account: ServiceAccount, lastUsedAt: number | null) {
  return {
    object: 'organization.project.api_key' as const,
    id: key.id,
    name: key.name,
    redacted_value: key.redacted,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    last_used_at: lastUsedAt,
    owner_project_access: 'active' as const,
    owner: {
      type: 'service_account' as const,
      service_account: { id: account.id, name: account.name, created_at: account.createdAt, role: 'member' as const }
    },
    scopes: [...key.scopes ?? []],
    rate_limits: key.rateLimits.map(rateLimitFields),
    spend_limit: key.spendLimit === null ? null : spendLimitFields(key.spendLimit),
    source: key.source
  }
}
