import Fastify from 'fastify'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import adminAuth from '../plugins/admin-auth.ts'
import adminErrors from '../plugins/admin-errors.ts'
import adminInput from '../plugins/admin-input.ts'
import connection, { answerClientError } from '../plugins/connection.ts'
import door from '../plugins/door.ts'
import type { DoorOptions } from '../plugins/door.ts'
import errors, { answerFrameworkError } from '../plugins/errors.ts'
import protocol from '../plugins/protocol.ts'
import unknownRoutes from '../plugins/unknown-routes.ts'
import { clientTimeouts, listenerOptions, requestId } from './listener.ts'
import answersAdmin from './routes/answers-admin.ts'
import type { AnswersAdminOptions } from './routes/answers-admin.ts'
import explain from './routes/explain.ts'
import type { ExplainOptions } from './routes/explain.ts'
import health from './routes/health.ts'
import type { Readiness } from './routes/health.ts'
import live from './routes/live.ts'
import type { LiveOptions } from './routes/live.ts'
import metrics from './routes/metrics.ts'
import type { MetricsOptions } from './routes/metrics.ts'
import adminKeys from './routes/organization/admin-keys.ts'
import apiKeys from './routes/organization/api-keys.ts'
import auditLogs from './routes/organization/audit-logs.ts'
import costs from './routes/organization/costs.ts'
import modelPermissions from './routes/organization/model-permissions.ts'
import projects from './routes/organization/projects.ts'
import rateLimits from './routes/organization/rate-limits.ts'
import serviceAccounts from './routes/organization/service-accounts.ts'
import spendAlerts from './routes/organization/spend-alerts.ts'
import spendLimits from './routes/organization/spend-limits.ts'
import usage from './routes/organization/usage.ts'
import type { Directory } from './stores/directory.ts'
import type { Ledger } from './stores/ledger.ts'

export interface OperatorServices {
  readonly logger: FastifyBaseLogger
  readonly readiness: () => Readiness
  readonly metrics: MetricsOptions['metrics']
  readonly liveViews: LiveOptions['views']
  readonly directory: Directory
  /** The secret under which keys are hashed. */
  readonly pepper: string
  readonly ledger: Pick<Ledger, 'usage' | 'records'>
  readonly prices: ExplainOptions['prices']
  readonly ended: ExplainOptions['ended']
  readonly answers: AnswersAdminOptions['answers']
  readonly door: DoorOptions
}

/** Routes that need no admin key. */
const open = ['/livez', '/readyz', '/metrics']

/** The operator listener: health, metrics and the admin API, on an address of their own. */
export async function buildOperator (services: OperatorServices, timeouts = clientTimeouts): Promise<FastifyInstance> {
  const app = Fastify({
    ...listenerOptions(services.logger, timeouts),
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: (error, socket) => { answerClientError(error, socket, requestId(), services.logger) }
  })
  await app.register(errors)
  await app.register(connection, { requestId })
  await app.register(protocol)
  await app.register(unknownRoutes)
  await app.register(door, services.door)
  await app.register(adminAuth, { directory: services.directory, pepper: services.pepper, open })
  await app.register(health, { readiness: services.readiness })
  await app.register(metrics, { metrics: services.metrics })
  await app.register(live, { views: services.liveViews })
  await app.register(admin, services)
  return app
}

/** The admin API, one resource a line. */
async function admin (app: FastifyInstance, { directory, pepper, ledger, prices, ended, answers }: OperatorServices): Promise<void> {
  await app.register(adminErrors)
  await app.register(adminInput)
  await app.register(projects, { directory })
  await app.register(serviceAccounts, { directory, pepper })
  await app.register(apiKeys, { directory })
  await app.register(rateLimits, { directory })
  await app.register(modelPermissions, { directory })
  await app.register(spendLimits, { directory })
  await app.register(spendAlerts, { directory, pepper })
  await app.register(adminKeys, { directory, pepper })
  await app.register(auditLogs, { directory })
  await app.register(usage, { ledger })
  await app.register(costs, { ledger })
  await app.register(answersAdmin, { answers })
  await app.register(explain, { ledger, prices, ended })
}
