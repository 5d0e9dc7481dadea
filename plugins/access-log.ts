import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** One line a request, when it has ended. No body, no key, no query string. */
async function accessLog (app: FastifyInstance): Promise<void> {
  app.addHook('onResponse', (request, reply, done) => {
    const { caller, call, failure } = request
    request.log.info({
      request_id: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.raw.statusCode,
      project: caller?.project.id,
      key: caller?.key.id,
      model: call?.model,
      stream: call?.stream,
      error: failure?.code,
      ms: Math.round(reply.elapsedTime * 10) / 10
    }, 'request')
    done()
  })
}

export default fp(accessLog, { name: 'access-log', fastify: '5.x', dependencies: ['errors'] })
