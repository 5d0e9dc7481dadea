import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import type { Answers } from '../stores/answers.ts'

export interface AnswersAdminOptions {
  readonly answers: Pick<Answers, 'stats' | 'purge'>
}

const Project = Type.String({ minLength: 1, maxLength: 256 })
const StatsQuery = Type.Object({ project: Type.Optional(Project) }, { additionalProperties: false })
const PurgeQuery = Type.Object({ project: Project }, { additionalProperties: false })

/** `/v1/tollgate/answers`: how many answers are stored, of one project or of all, and the deletion of a project's. */
export default async function answersAdmin (app: FastifyInstance, { answers }: AnswersAdminOptions): Promise<void> {
  app.get<{ Querystring: Static<typeof StatsQuery> }>('/v1/tollgate/answers', { schema: { querystring: StatsQuery } }, async ({ query }) =>
    ({ object: 'tollgate.answers' as const, ...await answers.stats(query.project) }))

  app.delete<{ Querystring: Static<typeof PurgeQuery> }>('/v1/tollgate/answers', { schema: { querystring: PurgeQuery } }, async ({ query }) =>
    ({ object: 'tollgate.answers.deleted' as const, project: query.project, deleted: await answers.purge(query.project) }))
}
