import type { FastifyInstance } from 'fastify'

/** `POST /v1/responses`, and what can be done with a response without storing it. */
export default async function responses (app: FastifyInstance): Promise<void> {
  for (const path of ['/responses', '/responses/compact']) {
    app.post(`/v1${path}`, { config: { endpoint: 'responses' } }, (request, reply) => {
      app.forward(request, reply, { method: 'POST', path })
    })
  }

  app.post('/v1/responses/input_tokens', (request, reply) => {
    app.forward(request, reply, { method: 'POST', path: '/responses/input_tokens' })
  })
}
