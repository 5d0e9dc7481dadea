import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { GatewayError } from '../../openai/errors.ts'
import type { Directory, ModelPermissions } from '../../stores/directory.ts'
import type { OfProject } from './project-schema.ts'
import { ModelName } from './rate-limit-schema.ts'

const Body = Type.Object({
  mode: Type.Enum(['allow_list', 'deny_list']),
  model_ids: Type.Array(ModelName, { maxItems: 1000 })
}, { additionalProperties: false })

const base = '/v1/organization/projects/:project/model_permissions'

/** A project without permissions may use every model: it denies none. */
const everyModel: ModelPermissions = { mode: 'deny_list', modelIds: [] }

/** `…/model_permissions`: which models a team may use. Names may hold `*`. */
export default async function modelPermissions (app: FastifyInstance, { directory }: { readonly directory: Directory }): Promise<void> {
  app.get<OfProject>(base, async ({ params }) => {
    const project = await directory.projects.get(params.project)
    if (project === null) throw new GatewayError('not_found', { message: `There is no project "${params.project}".` })
    return modelPermissionsObject(project.models)
  })

  app.post<OfProject & { Body: Static<typeof Body> }>(base, { schema: { body: Body } }, async ({ params, body, actor }) => {
    const models: ModelPermissions = { mode: body.mode, modelIds: [...new Set(body.model_ids)] }
    return modelPermissionsObject((await directory.projects.update(params.project, () => ({ models }), actor)).models)
  })

  app.delete<OfProject>(base, async ({ params, actor }) => {
    await directory.projects.update(params.project, () => ({ models: null }), actor)
    return { object: 'project.model_permissions.deleted' as const, deleted: true }
  })
}

export function modelPermissionsObject (models: ModelPermissions | null) {
  const { mode, modelIds } = models ?? everyModel
  return { object: 'project.model_permissions' as const, mode, model_ids: [...modelIds] }
}
