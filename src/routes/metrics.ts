import type { FastifyInstance } from 'fastify'

export interface MetricsOptions {
  readonly registry: { readonly contentType: string, metrics (): Promise<string> }
}

/** `GET /metrics` in Prometheus' text format. */
export default async function metrics (app: FastifyInstance, { registry }: MetricsOptions): Promise<void> {
  app.get('/metrics', async (_request, reply) => {
    void reply.type(registry.contentType)
    return await registry.metrics()
  })
}
