import type { FastifyInstance, FastifyRequest } from 'fastify'
import { GatewayError } from '../openai/errors.ts'

interface ById { Params: { id: string } }

/** Ids are opaque, but they become part of the upstream's path: nothing in them may be read as a path or a query. */
const idShape = /^[\w:-][\w.:-]{0,255}$/

/** `POST /v1/responses` and everything below it. */
export default async function responses (app: FastifyInstance): Promise<void> {
  for (const path of ['/responses', '/responses/compact']) {
    app.post(`/v1${path}`, { config: { endpoint: 'responses' } }, (request, reply) => {
      app.forward(request, reply, { method: 'POST', path })
    })
  }

  app.post('/v1/responses/input_tokens', (request, reply) => {
    app.forward(request, reply, { method: 'POST', path: '/responses/input_tokens' })
  })

  app.get<ById>('/v1/responses/:id', { config: { ofResponse: true } }, (request, reply) => {
    app.forward(request, reply, { method: 'GET', path: pathOf(request, '') })
  })

  app.delete<ById>('/v1/responses/:id', { config: { ofResponse: true } }, (request, reply) => {
    app.forward(request, reply, { method: 'DELETE', path: pathOf(request, '') })
  })

  app.post<ById>('/v1/responses/:id/cancel', { config: { ofResponse: true } }, (request, reply) => {
    app.forward(request, reply, { method: 'POST', path: pathOf(request, '/cancel') })
  })

  app.get<ById>('/v1/responses/:id/input_items', { config: { ofResponse: true } }, (request, reply) => {
    app.forward(request, reply, { method: 'GET', path: pathOf(request, '/input_items') })
  })
}

/** Built from a constant, a checked id and the caller's query as it came; never from the caller's path. */
function pathOf (request: FastifyRequest<ById>, action: string): string {
  const { id } = request.params
  if (!idShape.test(id)) throw new GatewayError('not_found', { message: 'There is no such response.', param: 'response_id' })
  const query = request.url.indexOf('?')
  return `/responses/${id}${action}${query < 0 ? '' : request.url.slice(query)}`
}
