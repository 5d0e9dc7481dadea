import type { FastifyInstance } from 'fastify'
import { GatewayError } from '../../openai/errors.ts'
import type { Directory, SpendLimit } from '../../stores/directory.ts'
import type { OfProject } from './project-schema.ts'
import { SpendLimitBodySchema, spendLimitObject, spendLimitOf } from './spend-limit-schema.ts'
import type { SpendLimitBody } from './spend-limit-schema.ts'

const ofProject = '/v1/organization/projects/:project/spend_limit'
const ofOrganization = '/v1/organization/spend_limit'

/** `…/spend_limit`: what a calendar month may cost a team, and the whole organization. */
export default async function spendLimits (app: FastifyInstance, { directory }: { readonly directory: Directory }): Promise<void> {
  app.get<OfProject>(ofProject, async ({ params }) => {
    const project = await directory.projects.get(params.project)
    if (project === null) throw new GatewayError('not_found', { message: `There is no project "${params.project}".` })
    return spendLimitObject('project.spend_limit', existing(project.spendLimit))
  })

  app.post<OfProject & { Body: SpendLimitBody }>(ofProject, { schema: { body: SpendLimitBodySchema } }, async ({ params, body, actor }) => {
    const spendLimit = spendLimitOf(body)
    await directory.projects.update(params.project, () => ({ spendLimit }), actor)
    return spendLimitObject('project.spend_limit', spendLimit)
  })

  app.delete<OfProject>(ofProject, async ({ params, actor }) => {
    await directory.projects.update(params.project, () => ({ spendLimit: null }), actor)
    return { object: 'project.spend_limit.deleted' as const, deleted: true }
  })

  app.get(ofOrganization, async () => spendLimitObject('organization.spend_limit', existing((await directory.organization.get()).spendLimit)))

  app.post<{ Body: SpendLimitBody }>(ofOrganization, { schema: { body: SpendLimitBodySchema } }, async ({ body, actor }) => {
    const spendLimit = spendLimitOf(body)
    await directory.organization.update(() => ({ spendLimit }), actor)
    return spendLimitObject('organization.spend_limit', spendLimit)
  })

  app.delete(ofOrganization, async ({ actor }) => {
    await directory.organization.update(() => ({ spendLimit: null }), actor)
    return { object: 'organization.spend_limit.deleted' as const, deleted: true }
  })
}

function existing (limit: SpendLimit | null): SpendLimit {
  if (limit === null) throw new GatewayError('not_found', { message: 'There is no spend limit.' })
  return limit
}
