import Type, { type Static } from 'typebox'
import type { ServiceAccount } from '../../stores/directory.ts'
import { KeyName, Lifetime } from './key-schema.ts'
import type { OfProject } from './project-schema.ts'

export const NewServiceAccountBodySchema = Type.Object({
  name: KeyName,
  create_service_account_only: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  expires_in_seconds: Type.Optional(Lifetime)
}, { additionalProperties: false })
export type NewServiceAccountBody = Static<typeof NewServiceAccountBodySchema>

/** Roles do nothing here: only the name can be changed, and `member` is taken because SDK users send it along. */
export const ServiceAccountBodySchema = Type.Object({ name: Type.Optional(KeyName), role: Type.Optional(Type.Enum(['member'])) }, { additionalProperties: false })
export type ServiceAccountBody = Static<typeof ServiceAccountBodySchema>

export interface OfServiceAccount { readonly Params: OfProject['Params'] & { readonly account: string } }

/** A service account as the API shows it. `source` is Tollgate's own. */
export function serviceAccountObject ({ id, name, createdAt, source }: ServiceAccount) {
  return { object: 'organization.project.service_account' as const, id, name, role: 'member' as const, created_at: createdAt, source }
}
