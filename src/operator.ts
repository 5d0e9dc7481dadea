import Fastify, { LogController } from 'fastify'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import errors, { answerFrameworkError } from '../plugins/errors.ts'
import health from './routes/health.ts'
import type { Readiness } from './routes/health.ts'
import metrics from './routes/metrics.ts'
import type { MetricsOptions } from './routes/metrics.ts'

export interface OperatorServices {
  readonly logger: FastifyBaseLogger
  readonly readiness: () => Readiness
  readonly registry: MetricsOptions['registry']
}

/** The operator listener: health and metrics, on an address of their own. */
export async function buildOperator (services: OperatorServices): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: services.logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    exposeHeadRoutes: false,
    frameworkErrors: answerFrameworkError
  })
  await app.register(errors)
  await app.register(health, { readiness: services.readiness })
  await app.register(metrics, { registry: services.registry })
  return app
}
