import type { FastifyInstance, FastifyRequest } from 'fastify'
import { closest } from 'fastest-levenshtein'
import { GatewayError } from '../openai/errors.ts'
import type { Model } from '../openai/models.ts'
import { mayUseModel } from '../stores/directory/permissions.ts'

/** What the routes need of the upstreams: the models that can be asked for. */
export interface ModelCatalogue {
  models (): Promise<readonly Model[]>
}

export interface ModelsOptions {
  readonly catalogue: ModelCatalogue
}

/** `GET /v1/models` and `GET /v1/models/{id}`: what the caller's project may use. Ids contain slashes, escaped or not. */
export default async function models (app: FastifyInstance, { catalogue }: ModelsOptions): Promise<void> {
  app.get('/v1/models', async request => ({ object: 'list', data: await modelsFor(request) }))

  app.get<{ Params: { '*': string } }>('/v1/models/*', async request => {
    const id = request.params['*']
    const all = await modelsFor(request)
    const model = all.find(candidate => candidate.id === id)
    if (model === undefined) throw unknownModel(id, all.map(candidate => candidate.id))
    return model
  })

  async function modelsFor ({ caller }: FastifyRequest): Promise<readonly Model[]> {
    const models = await catalogue.models()
    const permissions = caller?.project.models ?? null
    return permissions === null ? models : models.filter(({ id }) => mayUseModel(permissions, id))
  }
}

function unknownModel (id: string, known: readonly string[]): GatewayError {
  const near = known.length === 0 ? '' : ` The nearest name is "${closest(id.slice(0, 100), known)}".`
  return new GatewayError('model_not_found', { message: `The model "${id.slice(0, 100)}" does not exist.${near}`, param: 'model' })
}
