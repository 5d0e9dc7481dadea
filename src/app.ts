import Fastify from 'fastify'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { KeyObject } from 'node:crypto'
import accessLog from '../plugins/access-log.ts'
import answers from '../plugins/answers.ts'
import auth from '../plugins/auth.ts'
import background from '../plugins/background.ts'
import body from '../plugins/body.ts'
import connection, { answerClientError } from '../plugins/connection.ts'
import door from '../plugins/door.ts'
import errors, { answerFrameworkError } from '../plugins/errors.ts'
import facts from '../plugins/facts.ts'
import limits from '../plugins/limits.ts'
import meter from '../plugins/meter.ts'
import live from '../plugins/live.ts'
import metrics from '../plugins/metrics.ts'
import ownership from '../plugins/ownership.ts'
import permissions from '../plugins/permissions.ts'
import overload from '../plugins/overload.ts'
import protocol from '../plugins/protocol.ts'
import replay from '../plugins/replay.ts'
import unknownRoutes from '../plugins/unknown-routes.ts'
import upstream from '../plugins/upstream.ts'
import type { Config } from './config/schema.ts'
import { normaliseUrl } from './openai/path.ts'
import chatCompletions from './routes/chat-completions.ts'
import embeddings from './routes/embeddings.ts'
import me from './routes/me.ts'
import models from './routes/models.ts'
import type { ModelCatalogue } from './routes/models.ts'
import responses from './routes/responses.ts'
import stored from './routes/stored.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { clientTimeouts, listenerOptions, requestId } from './listener.ts'
import type { CountTokens } from './metering/estimate.ts'
import type { PriceTable } from './metering/pricing.ts'
import type { Answers } from './stores/answers.ts'
import type { Directory } from './stores/directory.ts'
import type { Ledger } from './stores/ledger.ts'
import type { SharedCounts } from './stores/shared-counts.ts'
import type { LiveRequests } from './telemetry/live-requests.ts'
import type { LogRequest } from './telemetry/log-line.ts'
import { Memory } from './telemetry/memory.ts'
import type { Metrics } from './telemetry/metrics.ts'
import type { Tracing } from './telemetry/tracing.ts'
import type { UpstreamGateway } from './upstream/gateway.ts'

/** Reproducible answers, and what makes them so. */
export interface Reproducible {
  readonly answers: Answers
  /** What fingerprints are made with. */
  readonly secret: KeyObject
  /** Largest answer worth storing, bytes. */
  readonly maxAnswerBytes: number
}

/** What the public listener needs and does not make itself. */
export interface Services {
  readonly logger: FastifyBaseLogger
  readonly logRequest: LogRequest
  readonly directory: Directory
  readonly ledger: Ledger
  readonly leases: LeaseKeeper
  readonly prices: PriceTable
  /** The secret under which keys are hashed. */
  readonly pepper: string
  readonly reproducible: Reproducible
  readonly gateway: UpstreamGateway
  readonly catalogue: ModelCatalogue
  readonly metrics: Metrics
  readonly live: LiveRequests
  /** Refused keys, counted over all replicas; null for a process alone. */
  readonly refusals: SharedCounts | null
  /** Null: nobody collects traces. */
  readonly tracing: Tracing | null
}

/** The public listener: the chain in the order that a request meets it. Knows no environment, no port, no signal. */
export async function buildApp (config: Config, services: Services, timeouts = clientTimeouts): Promise<FastifyInstance> {
  const app = Fastify({
    ...listenerOptions(services.logger, timeouts),
    bodyLimit: config.body.max_bytes,
    trustProxy: config.trust_proxy.length > 0 ? [...config.trust_proxy] : false,
    return503OnClosing: false,
    rewriteUrl: request => normaliseUrl(request.url ?? '/'),
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: (error, socket) => { answerClientError(error, socket, requestId(), services.logger) }
  })

  await app.register(errors)
  await app.register(facts)
  await app.register(metrics, { metrics: services.metrics })
  await app.register(accessLog, { logRequest: services.logRequest })
  await app.register(live, { live: services.live })
  // With the API of OpenTelemetry: only where there is a collector.
  if (services.tracing !== null) await app.register(import('../plugins/traces.ts'), { tracing: services.tracing })
  await app.register(overload, { maxInFlight: config.overload.max_in_flight, maxLoopDelay: config.overload.max_loop_delay, memory: new Memory(config.workers) })
  await app.register(connection, { requestId })
  await app.register(protocol)
  await app.register(unknownRoutes)
  await app.register(door, { ...config.door, name: 'public', shared: services.refusals })
  await app.register(auth, { directory: services.directory, pepper: services.pepper })
  await app.register(body, { bounds: { maxDepth: config.body.max_depth, maxTokens: config.body.max_tokens } })
  await app.register(upstream, { gateway: services.gateway })
  await app.register(permissions)
  await app.register(ownership, { owners: services.directory.owners })
  await app.register(answers, services.reproducible)
  await app.register(limits, {
    ledger: services.ledger,
    prices: services.prices,
    defaultMaxOutputTokens: config.metering.default_max_output_tokens,
    tokenizer: loadTokenizer
  })
  await app.register(replay)
  await app.register(meter, { ledger: services.ledger, leases: services.leases, prices: services.prices })
  await app.register(background, { ledger: services.ledger, prices: services.prices })

  await app.register(chatCompletions)
  await app.register(responses)
  await app.register(stored)
  await app.register(embeddings)
  await app.register(models, { catalogue: services.catalogue })
  await app.register(me, { ledger: services.ledger, timeZone: config.metering.time_zone })
  return app
}

/** 60 MB and a quarter of a second: only for processes that have to count a prompt. */
async function loadTokenizer (): Promise<CountTokens> {
  const { countO200k } = await import('./metering/tokenizer.ts')
  return countO200k
}
