import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'

export interface MetricsOptions {
  /** Prometheus' text. */
  readonly metrics: () => Promise<string>
}

/** `GET /metrics` in Prometheus' text format. */
export default async function metrics (app: FastifyInstance, { metrics }: MetricsOptions): Promise<void> {
  app.get('/metrics', async (_request, reply) => {
    void reply.type(Registry.PROMETHEUS_CONTENT_TYPE)
    return await metrics()
  })
}
