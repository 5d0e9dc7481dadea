import type { FastifyInstance } from 'fastify'
import { GatewayError } from '../../openai/errors.ts'
import type { Directory, ServiceAccount } from '../../stores/directory.ts'
import { newId } from './id-schema.ts'
import { KeyBodySchema, makeKey } from './key-schema.ts'
import type { KeyBody } from './key-schema.ts'
import { ListQuerySchema, listOfPage, pageOf } from './page-schema.ts'
import type { ListQuery } from './page-schema.ts'
import type { OfProject } from './project-schema.ts'
import { NewServiceAccountBodySchema, ServiceAccountBodySchema, serviceAccountObject } from './service-account-schema.ts'
import type { NewServiceAccountBody, OfServiceAccount, ServiceAccountBody } from './service-account-schema.ts'

export interface ServiceAccountsOptions {
  readonly directory: Directory
  /** The secret under which keys are hashed. */
  readonly pepper: string
}

const base = '/v1/organization/projects/:project/service_accounts'

/** `…/service_accounts`: applications of a team, and the making of their keys. */
export default async function serviceAccounts (app: FastifyInstance, { directory, pepper }: ServiceAccountsOptions): Promise<void> {
  app.get<OfProject & { Querystring: ListQuery }>(base, { schema: { querystring: ListQuerySchema } }, async ({ params, query }) => {
    await requireProject(params.project)
    return listOfPage(await directory.serviceAccounts.list(params.project, pageOf(query)), serviceAccountObject)
  })

  app.post<OfProject & { Body: NewServiceAccountBody }>(base, { schema: { body: NewServiceAccountBodySchema } }, async ({ params, body, actor }) => {
    const only = body.create_service_account_only === true
    const lifetime = body.expires_in_seconds ?? null
    if (only && lifetime !== null) throw invalid('expires_in_seconds', 'cannot be set without a key to expire')
    const account = await directory.serviceAccounts.create({ id: newId('svc_acct_'), projectId: params.project, name: body.name }, actor)
    const key = only ? null : await makeKey(directory, pepper, account, { expires_in_seconds: lifetime }, actor)
    return { ...serviceAccountObject(account), role: only ? 'none' as const : 'member' as const, api_key: key }
  })

  app.get<OfServiceAccount>(`${base}/:account`, async ({ params }) => serviceAccountObject(await find(params)))

  app.post<OfServiceAccount & { Body: ServiceAccountBody }>(`${base}/:account`, { schema: { body: ServiceAccountBodySchema } }, async ({ params, body, actor }) => {
    const account = await find(params)
    if (body.name === undefined) return serviceAccountObject(account)
    return serviceAccountObject(await directory.serviceAccounts.rename(account.id, body.name, actor))
  })

  app.delete<OfServiceAccount>(`${base}/:account`, async ({ params, actor }) => {
    const { id } = await directory.serviceAccounts.delete((await find(params)).id, actor)
    return { object: 'organization.project.service_account.deleted' as const, id, deleted: true }
  })

  app.post<OfServiceAccount & { Body: KeyBody }>(`${base}/:account/api_keys`, { schema: { body: KeyBodySchema } }, async ({ params, body, actor }) =>
    await makeKey(directory, pepper, await find(params), body, actor))

  async function find ({ project, account: id }: OfServiceAccount['Params']): Promise<ServiceAccount> {
    const account = await directory.serviceAccounts.get(id)
    if (account?.projectId !== project || account.deletedAt !== null) {
      throw new GatewayError('not_found', { message: `There is no service account "${id}" in project "${project}".` })
    }
    return account
  }

  async function requireProject (id: string): Promise<void> {
    if (await directory.projects.get(id) === null) throw new GatewayError('not_found', { message: `There is no project "${id}".` })
  }
}

function invalid (param: string, complaint: string): GatewayError {
  return new GatewayError('invalid_value', { param, message: `"${param}" ${complaint}.` })
}
