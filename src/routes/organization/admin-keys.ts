import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { digestKey, mintAdminKey, redactKey } from '../../keys/key.ts'
import { GatewayError } from '../../openai/errors.ts'
import type { AdminKey, Directory } from '../../stores/directory.ts'
import { adminKeyObject, NewAdminKeyBodySchema } from './admin-key-schema.ts'
import type { NewAdminKeyBody } from './admin-key-schema.ts'
import { expiryOf } from './key-schema.ts'
import { AfterQuery, limitOf, listOf, OrderQuery } from './page-schema.ts'

export interface AdminKeysOptions {
  readonly directory: Directory
  /** The secret under which keys are hashed. */
  readonly pepper: string
}

const AdminKeysQuery = Type.Object({ after: AfterQuery, limit: limitOf(20), order: OrderQuery('desc') }, { additionalProperties: false })

interface OfAdminKey { readonly Params: { readonly key: string } }

const base = '/v1/organization/admin_api_keys'

/** `/v1/organization/admin_api_keys`: keys of this very API. */
export default async function adminKeys (app: FastifyInstance, { directory, pepper }: AdminKeysOptions): Promise<void> {
  app.get<{ Querystring: Static<typeof AdminKeysQuery> }>(base, { schema: { querystring: AdminKeysQuery } }, async ({ query }) => {
    const { data, hasMore } = await directory.adminKeys.list(query)
    const lastUsed = await directory.adminKeys.lastUsedAt(data.map(({ id }) => id))
    return listOf(data.map((key, index) => adminKeyObject(key, lastUsed[index] ?? null)), hasMore)
  })

  app.post<{ Body: NewAdminKeyBody }>(base, { schema: { body: NewAdminKeyBodySchema } }, async ({ body, actor }) => {
    const { id, token } = mintAdminKey()
    const expiresAt = expiryOf(body.expires_in_seconds ?? null)
    const key = await directory.adminKeys.create({ id, digest: digestKey(token, pepper), redacted: redactKey(token), name: body.name, expiresAt }, actor)
    return { ...adminKeyObject(key, null), value: token }
  })

  app.get<OfAdminKey>(`${base}/:key`, async ({ params }) => {
    const key = await find(params.key)
    const [lastUsed] = await directory.adminKeys.lastUsedAt([key.id])
    return adminKeyObject(key, lastUsed ?? null)
  })

  app.delete<OfAdminKey>(`${base}/:key`, async ({ params, actor }) => {
    const { id } = await directory.adminKeys.revoke((await find(params.key)).id, actor)
    return { object: 'organization.admin_api_key.deleted' as const, id, deleted: true }
  })

  async function find (id: string): Promise<AdminKey> {
    const key = await directory.adminKeys.get(id)
    if (key === null || key.revokedAt !== null) throw new GatewayError('not_found', { message: `There is no admin key "${id}".` })
    return key
  }
}
