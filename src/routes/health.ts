import type { FastifyInstance } from 'fastify'

/** One dependency's state, as `/readyz` shows it. */
export interface Readiness {
  readonly ready: boolean
  /** Name of the check → `ok`, or what is wrong. */
  readonly checks: Readonly<Record<string, string>>
}

export interface HealthOptions {
  readonly readiness: () => Readiness
}

/** `/livez`: the process answers. `/readyz`: it should be sent requests. */
export default async function health (app: FastifyInstance, { readiness }: HealthOptions): Promise<void> {
  app.get('/livez', () => ({ status: 'ok' }))

  app.get('/readyz', (_request, reply) => {
    const { ready, checks } = readiness()
    void reply.code(ready ? 200 : 503)
    return { status: ready ? 'ready' : 'not ready', checks }
  })
}
