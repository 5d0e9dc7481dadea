import type { FastifyBaseLogger } from 'fastify'
import type { Reproducible, Services } from './app.ts'
import type { Config, UpstreamConfig } from './config/schema.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import { openaiPrices } from './metering/prices.ts'
import { PriceTable } from './metering/pricing.ts'
import { priceTables } from './price-table.ts'
import type { Directory } from './stores/directory.ts'
import type { Ledger } from './stores/ledger.ts'
import type { SharedCounts } from './stores/shared-counts.ts'
import { ModelLabel } from './telemetry/labels.ts'
import { LiveRequests } from './telemetry/live-requests.ts'
import type { LogRequest } from './telemetry/log-line.ts'
import { Metrics } from './telemetry/metrics.ts'
import type { Tracing } from './telemetry/tracing.ts'
import { CurrentCatalogue } from './upstream/catalogue.ts'
import { UpstreamGateway } from './upstream/gateway.ts'
import { ModelRouter } from './upstream/routing.ts'
import type { ModelRoute } from './upstream/routing.ts'
import { Upstream } from './upstream/upstream.ts'
import { version } from './version.ts'

/** What was opened before the services can be made. */
export interface Opened {
  readonly logger: FastifyBaseLogger
  readonly logRequest: LogRequest
  readonly directory: Directory
  readonly ledger: Ledger
  readonly reproducible: Reproducible
  readonly pepper: string
  /** Base URL of the built-in provider, when an upstream of the configuration is `demo`. */
  readonly demoUrl: string | null
  readonly refusals?: SharedCounts | null
  readonly tracing?: Tracing | null
}

/** The upstream side of the configuration, made ready to serve. */
export function createServices (config: Config, opened: Opened): Services {
  const upstreams = Object.entries(config.upstreams).map(([name, settings]) => createUpstream(config, name, settings, opened.demoUrl))
  const gateway = new UpstreamGateway(upstreams, routerOf(config, upstreams), {
    totalTimeout: config.timeouts.total,
    writeStallTimeout: config.timeouts.write_stall,
    keepAliveInterval: config.stream.keep_alive,
    maxEventBytes: config.stream.max_event_bytes,
    maxBodyBytes: config.response.max_bytes,
    onAbort: config.on_abort,
    drainTimeout: config.timeouts.abort_drain
  })
  const { logger, logRequest, directory, ledger, reproducible, pepper, refusals = null, tracing = null } = opened
  const metrics = new Metrics({ version, models: modelLabel(config), upstreams: gateway.upstreams })
  metrics.watchLedger(() => ledger.health())
  const leases = new LeaseKeeper(ledger, count => { metrics.reaped(count) }, error => { logger.error({ err: error }, 'leases could not be kept') })
  return { logger, logRequest, directory, ledger, reproducible, leases, prices: new PriceTable(...priceTables(config)), pepper, gateway, catalogue: new CurrentCatalogue(gateway), metrics, live: new LiveRequests(), refusals, tracing }
}

/** The configuration's models over upstreams that are there. Throws when it names another. */
export function routerOf (config: Config, upstreams: readonly Upstream[]): ModelRouter {
  const known = upstreams.map(({ name }) => name)
  const missing = [config.default_upstream, ...Object.values(config.models).map(({ upstream }) => upstream)].find(name => !known.includes(name))
  if (missing !== undefined) throw new Error(`the upstream "${missing}" is new: it needs a restart`)
  return new ModelRouter(new Map(upstreams.map(upstream => [upstream.name, upstream])), config.default_upstream, modelRoutes(config))
}

/** The models that metrics tell apart: configured ones, and those with a price. */
export function modelLabel (config: Config): ModelLabel {
  return new ModelLabel([...Object.keys(config.models), ...config.prices.map(({ model }) => model), ...openaiPrices.map(({ model }) => model)])
}

function createUpstream (config: Config, name: string, settings: UpstreamConfig, demoUrl: string | null): Upstream {
  return new Upstream({
    name,
    baseUrl: settings.base_url === 'demo' && demoUrl !== null ? demoUrl : settings.base_url,
    keys: settings.keys,
    headers: settings.headers,
    timeouts: {
      connect: settings.timeouts.connect,
      firstByte: settings.timeouts.first_byte,
      idle: settings.timeouts.idle
    },
    breaker: { failures: config.breaker.failures, probeInterval: config.breaker.probe_interval },
    retryBudget: config.retries.budget
  })
}

function modelRoutes (config: Config): ReadonlyMap<string, ModelRoute> {
  return new Map(Object.entries(config.models).map(([name, { upstream, model, fallbacks }]) => [name, { upstream, model: model ?? name, fallbacks }]))
}
