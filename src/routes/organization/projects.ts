import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { GatewayError } from '../../openai/errors.ts'
import type { Directory } from '../../stores/directory.ts'
import { newId } from './id-schema.ts'
import { AfterQuery, limitOf, listOfPage, pageOf } from './page-schema.ts'
import { defaultSettings, NewProjectBodySchema, ProjectBodySchema, projectObject, projectPatch } from './project-schema.ts'
import type { NewProjectBody, OfProject, ProjectBody } from './project-schema.ts'

const ProjectsQuery = Type.Object({ after: AfterQuery, limit: limitOf(20), include_archived: Type.Boolean({ default: false }) }, { additionalProperties: false })

/** `/v1/organization/projects`: teams. */
export default async function projects (app: FastifyInstance, { directory }: { readonly directory: Directory }): Promise<void> {
  app.get<{ Querystring: Static<typeof ProjectsQuery> }>('/v1/organization/projects', { schema: { querystring: ProjectsQuery } }, async ({ query }) => {
    const page = await directory.projects.list({ ...pageOf(query), includeArchived: query.include_archived })
    return listOfPage(page, projectObject)
  })

  app.post<{ Body: NewProjectBody }>('/v1/organization/projects', { schema: { body: NewProjectBodySchema } }, async ({ body, actor }) => {
    const patch = projectPatch(body, { settings: defaultSettings })
    return projectObject(await directory.projects.create({ id: newId('proj_'), name: body.name, ...patch }, actor))
  })

  app.get<OfProject>('/v1/organization/projects/:project', async ({ params }) => {
    const project = await directory.projects.get(params.project)
    if (project === null) throw new GatewayError('not_found', { message: `There is no project "${params.project}".` })
    return projectObject(project)
  })

  app.post<OfProject & { Body: ProjectBody }>('/v1/organization/projects/:project', { schema: { body: ProjectBodySchema } }, async ({ params, body, actor }) =>
    projectObject(await directory.projects.update(params.project, now => projectPatch(body, now), actor)))

  app.post<OfProject>('/v1/organization/projects/:project/archive', async ({ params, actor }) =>
    projectObject(await directory.projects.archive(params.project, actor)))
}
