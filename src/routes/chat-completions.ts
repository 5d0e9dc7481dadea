import type { FastifyInstance } from 'fastify'

/** `POST /v1/chat/completions`, JSON and streamed. */
export default async function chatCompletions (app: FastifyInstance): Promise<void> {
  app.post('/v1/chat/completions', { config: { endpoint: 'chat.completions' } }, (request, reply) => {
    app.forward(request, reply, { method: 'POST', path: '/chat/completions' })
  })
}
