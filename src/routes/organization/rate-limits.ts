import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { GatewayError } from '../../openai/errors.ts'
import type { Directory, Project, RateLimit } from '../../stores/directory.ts'
import { inMemoryPage } from './in-memory-page-schema.ts'
import { AfterQuery, limitOf } from './page-schema.ts'
import type { OfProject } from './project-schema.ts'
import { changedLimit, modelOfRateLimit, noLimit, RateLimitBodySchema, rateLimitId, rateLimitObject } from './rate-limit-schema.ts'
import type { RateLimitBody } from './rate-limit-schema.ts'

const RateLimitsQuery = Type.Object({ after: AfterQuery, before: AfterQuery, limit: limitOf(100) }, { additionalProperties: false })

interface OfRateLimit { readonly Params: OfProject['Params'] & { readonly '*': string } }

const base = '/v1/organization/projects/:project/rate_limits'

/** `…/rate_limits`: one a model, and `rl-*` for all models without one of their own, which share it. Ids hold the model, slashes and all. */
export default async function rateLimits (app: FastifyInstance, { directory }: { readonly directory: Directory }): Promise<void> {
  app.get<OfProject & { Querystring: Static<typeof RateLimitsQuery> }>(base, { schema: { querystring: RateLimitsQuery } }, async ({ params, query }) => {
    const project = await directory.projects.get(params.project)
    if (project === null) throw new GatewayError('not_found', { message: `There is no project "${params.project}".` })
    return inMemoryPage(withDefault(project).map(rateLimitObject), query)
  })

  app.post<OfRateLimit & { Body: RateLimitBody }>(`${base}/*`, { schema: { body: RateLimitBodySchema } }, async ({ params, body, actor }) => {
    const model = modelOf(params['*'])
    const project = await directory.projects.update(params.project, ({ rateLimits }) => ({ rateLimits: changed(rateLimits, model, body) }), actor)
    return rateLimitObject(limitFor(project.rateLimits, model))
  })

  app.delete<OfRateLimit>(`${base}/*`, async ({ params, actor }) => {
    const model = modelOf(params['*'])
    await directory.projects.update(params.project, ({ rateLimits }) => ({ rateLimits: rateLimits.filter(limit => limit.model !== model) }), actor)
    return { object: 'project.rate_limit.deleted' as const, id: rateLimitId(model), deleted: true }
  })
}

function withDefault ({ rateLimits }: Project): readonly RateLimit[] {
  const others = rateLimits.filter(({ model }) => model !== '*').sort((one, other) => one.model < other.model ? -1 : 1)
  return [limitFor(rateLimits, '*'), ...others]
}

/** A limit keeps its place; a new one comes last. */
function changed (rateLimits: readonly RateLimit[], model: string, body: RateLimitBody): RateLimit[] {
  const next = changedLimit(limitFor(rateLimits, model), body)
  const isThere = rateLimits.some(limit => limit.model === model)
  return isThere ? rateLimits.map(limit => limit.model === model ? next : limit) : [...rateLimits, next]
}

function limitFor (rateLimits: readonly RateLimit[], model: string): RateLimit {
  return rateLimits.find(limit => limit.model === model) ?? noLimit(model)
}

function modelOf (id: string): string {
  const model = modelOfRateLimit(id)
  if (model === null) throw new GatewayError('not_found', { message: 'The id of a rate limit is "rl-" and the model\'s name, or "rl-*".' })
  return model
}
