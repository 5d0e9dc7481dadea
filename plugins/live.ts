import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { LiveRequests } from '../src/telemetry/live-requests.ts'

export interface LiveOptions {
  readonly live: LiveRequests
}

/** Keeps the requests in flight, and the last that ended, for the operator listener. */
async function live (app: FastifyInstance, { live }: LiveOptions): Promise<void> {
  app.observers.push(live)
}

export default fp(live, { name: 'live', fastify: '5.x', dependencies: ['facts'], decorators: { fastify: ['observers'] } })
