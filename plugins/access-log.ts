import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { LogRequest } from '../src/telemetry/log-line.ts'

export interface AccessLogOptions {
  readonly logRequest: LogRequest
}

/** One line a request, when it has ended. */
async function accessLog (app: FastifyInstance, { logRequest }: AccessLogOptions): Promise<void> {
  app.observers.push({ ended: logRequest })
}

export default fp(accessLog, { name: 'access-log', fastify: '5.x', dependencies: ['facts'], decorators: { fastify: ['observers'] } })
