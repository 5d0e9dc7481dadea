import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { GatewayError } from '../../openai/errors.ts'
import type { Directory, KeyRecord, ServiceAccount } from '../../stores/directory.ts'
import { KeyBodySchema, keyObject, keyPatch } from './key-schema.ts'
import type { KeyBody } from './key-schema.ts'
import { AfterQuery, limitOf, listOf, pageOf } from './page-schema.ts'
import type { OfProject } from './project-schema.ts'

/** Every owner has access as long as it is there, so `inactive` finds nothing. */
const KeysQuery = Type.Object({
  after: AfterQuery,
  limit: limitOf(20),
  owner_project_access: Type.Enum(['active', 'inactive', 'any'], { default: 'any' })
}, { additionalProperties: false })

interface OfKey { readonly Params: OfProject['Params'] & { readonly key: string } }

const base = '/v1/organization/projects/:project/api_keys'

/** `…/api_keys`: the keys of a team. They are made for a service account. */
export default async function apiKeys (app: FastifyInstance, { directory }: { readonly directory: Directory }): Promise<void> {
  app.get<OfProject & { Querystring: Static<typeof KeysQuery> }>(base, { schema: { querystring: KeysQuery } }, async ({ params, query }) => {
    if (await directory.projects.get(params.project) === null) throw new GatewayError('not_found', { message: `There is no project "${params.project}".` })
    if (query.owner_project_access === 'inactive') return listOf([], false)
    const { data, hasMore } = await directory.keys.list(params.project, pageOf(query))
    return listOf(await shown(data), hasMore)
  })

  app.get<OfKey>(`${base}/:key`, async ({ params }) => await shownOne(await find(params)))

  app.post<OfKey & { Body: KeyBody }>(`${base}/:key`, { schema: { body: KeyBodySchema } }, async ({ params, body, actor }) => {
    const { id } = await find(params)
    return await shownOne(await directory.keys.update(id, () => keyPatch(body), actor))
  })

  app.delete<OfKey>(`${base}/:key`, async ({ params, actor }) => {
    const { id } = await directory.keys.revoke((await find(params)).id, actor)
    return { object: 'organization.project.api_key.deleted' as const, id, deleted: true }
  })

  async function find ({ project, key: id }: OfKey['Params']): Promise<KeyRecord> {
    const key = await directory.keys.get(id)
    if (key?.projectId !== project || key.revokedAt !== null) {
      throw new GatewayError('not_found', { message: `There is no API key "${id}" in project "${project}".` })
    }
    return key
  }

  async function shownOne (key: KeyRecord) {
    const [object] = await shown([key])
    if (object === undefined) throw new GatewayError('not_found', { message: `There is no API key "${key.id}".` })
    return object
  }

  /** Keys whose account is being deleted are as good as gone. */
  async function shown (keys: readonly KeyRecord[]) {
    const lastUsed = await directory.keys.lastUsedAt(keys.map(({ id }) => id))
    const accounts = await accountsOf(keys)
    return keys.flatMap((key, index) => {
      const account = accounts.get(key.serviceAccountId) ?? null
      return account === null ? [] : [keyObject(key, account, lastUsed[index] ?? null)]
    })
  }

  async function accountsOf (keys: readonly KeyRecord[]): Promise<ReadonlyMap<string, ServiceAccount | null>> {
    const ids = [...new Set(keys.map(({ serviceAccountId }) => serviceAccountId))]
    return new Map(await Promise.all(ids.map(async id => [id, await directory.serviceAccounts.get(id)] as const)))
  }
}
