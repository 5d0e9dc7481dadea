import type { FastifyInstance } from 'fastify'

/** `POST /v1/embeddings`. */
export default async function embeddings (app: FastifyInstance): Promise<void> {
  app.post('/v1/embeddings', { config: { endpoint: 'embeddings' } }, (request, reply) => {
    app.forward(request, reply, { method: 'POST', path: '/embeddings' })
  })
}
