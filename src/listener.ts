import { LogController } from 'fastify'
import type { FastifyBaseLogger } from 'fastify'
import { randomUUIDv7 } from 'node:crypto'

/** How long a client may take, ms (slowloris). */
export interface ClientTimeouts {
  /** To send a request's header. */
  readonly headers: number
  /** To send a whole request. */
  readonly request: number
  /** The two are looked at so often. Node's default of 30 s would let a header take 40. */
  readonly interval: number
}

export const clientTimeouts: ClientTimeouts = { headers: 10_000, request: 30_000, interval: 1_000 }
/** Longer than the idle limit of common load balancers (60 s), so that they close first. */
const keepAliveTimeout = 72_000
/** OpenAI allows 64 KiB of headers; Node's default is 16. */
const maxHeaderSize = 65_536
/** Ids in paths; Fastify's default of 100 answers 414 to real ones. */
const maxParamLength = 512

/** What both listeners have in common, for Fastify. A request without a Host header is left to the link `protocol`. */
export function listenerOptions (logger: FastifyBaseLogger, timeouts: ClientTimeouts) {
  return {
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestId,
    requestIdHeader: false as const,
    requestTimeout: timeouts.request,
    keepAliveTimeout,
    exposeHeadRoutes: false,
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    http: { headersTimeout: timeouts.headers, connectionsCheckingInterval: timeouts.interval, maxHeaderSize, requireHostHeader: false },
    routerOptions: { maxParamLength }
  }
}

/**
 * In place of Fastify's own compilers of schemas, which it would load with every start, ajv among it: 28 ms and 1.7 MB for nothing, because
 * `admin-input` brings the one that is used and no answer has a schema.
 */
function noCompiler () {
  return () => { throw new Error('this listener compiles no schemas') }
}

/** Time-ordered, so that logs and the ledger sort by it; OpenAI's shape, `req_` and 32 hex digits. */
export function requestId (): string {
  return `req_${randomUUIDv7().replaceAll('-', '')}`
}
