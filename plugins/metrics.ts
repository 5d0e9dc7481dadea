import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Metrics } from '../src/telemetry/metrics.ts'

export interface MetricsOptions {
  readonly metrics: Metrics
}

declare module 'fastify' {
  interface FastifyInstance {
    /** For links that know what the facts of a request do not say. */
    metrics: Metrics
  }
}

/** Counts requests as they come and go. */
async function metrics (app: FastifyInstance, { metrics }: MetricsOptions): Promise<void> {
  app.decorate('metrics', metrics)
  app.observers.push(metrics)
}

export default fp(metrics, { name: 'metrics', fastify: '5.x', dependencies: ['facts'], decorators: { fastify: ['observers'] } })
