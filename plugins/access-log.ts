import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { requestLine } from '../src/telemetry/log-line.ts'

/** One line a request, when it has ended. */
async function accessLog (app: FastifyInstance): Promise<void> {
  app.observers.push({ ended: facts => { app.log.info(requestLine(facts), 'request') } })
}

export default fp(accessLog, { name: 'access-log', fastify: '5.x', dependencies: ['facts'], decorators: { fastify: ['observers'] } })
