import type { FastifyBaseLogger } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import { SpendAlerts } from './alerts.ts'
import { buildApp } from './app.ts'
import type { Bootstrapped } from './bootstrap.ts'
import type { Config } from './config/schema.ts'
import { buildOperator } from './operator.ts'
import { Drain } from './drain.ts'
import { createLogger } from './logger.ts'
import type { LogOutput } from './logger.ts'
import { notReached, openStores } from './opened-stores.ts'
import { Reloader } from './reload.ts'
import { createServices } from './services.ts'
import { spendOf } from './spend.ts'
import type { Cursor, EndedRequest, ProcessView } from './telemetry/live-requests.ts'
import type { Snapshot } from './telemetry/merged-metrics.ts'
import { startTracing } from './telemetry/tracing.ts'
import type { DemoUpstream } from './upstream/demo.ts'
import { version } from './version.ts'

/** A process that serves. */
export interface RunningServer {
  /** `http://host:port` of each listener. */
  readonly publicUrl: string
  readonly operatorUrl: string
  /** The base URL that SDKs are given. */
  readonly baseUrl: string
  /** What the first start made; secrets among it are to be shown once. It comes when the store has been reached. */
  readonly bootstrapped: Promise<Bootstrapped>
  /** The built-in provider answers, because no other is configured. */
  readonly demo: boolean
  readonly logger: FastifyBaseLogger
  /** What this process has to say where several are asked as one. */
  metrics (): Promise<Snapshot>
  live (seen: Cursor): ProcessView
  ended (requestId: string): EndedRequest | null
  /** Takes over a changed configuration, whole or not at all; false when it could not be. Settings that need a restart are logged. */
  reload (load: () => Promise<Config>): Promise<boolean>
  /**
   * Ends without dropping a request: `/readyz` says 503 at once, requests are served for the drain's delay, then no more are taken, and
   * those in flight have until the deadline. What begins first, this or `close`, happens once; later calls wait for it.
   */
  drain (): Promise<void>
  /** Ends now: what is in flight ends with an error. */
  close (): Promise<void>
}

/** Speaks for all processes of a gateway, this one included. */
export interface AllProcesses {
  /** In Prometheus' text format. */
  metrics (): Promise<string>
  live (seen: Cursor): Promise<readonly ProcessView[]>
  ended (requestId: string): Promise<EndedRequest | null>
}

export interface ServerOptions {
  /** When there are more processes than this one. */
  readonly all?: AllProcesses
  /** Where the log goes, instead of stdout. */
  readonly logOutput?: LogOutput
}

/** Opens the stores, builds both listeners, and serves. Takes no signals and reads no environment: the command line does. */
export async function startServer (config: Config, { all, logOutput }: ServerOptions = {}): Promise<RunningServer> {
  const { logger, logRequest, flush } = createLogger(config, logOutput)
  const stores = await openStores(config, logger)
  const { pepper, directory, ledger, reproducible, refusals } = stores
  const demo = Object.values(config.upstreams).some(upstream => upstream.base_url === 'demo') ? await startDemo() : null

  const tracing = config.otlp_endpoint === undefined ? null : await startTracing(config.otlp_endpoint, version)

  const services = createServices(config, { logger, logRequest, directory, ledger, reproducible, pepper, refusals, demoUrl: demo?.url ?? null, tracing })
  stores.watchLedger(event => { if (event.type === 'loss') services.metrics.replayed(event.replayed) })
  const reloader = new Reloader(config, services)
  const state = { draining: false }
  let ended: Promise<void> | null = null
  const app = await buildApp(config, services)
  const drain = new Drain(app)
  const operator = await buildOperator({
    logger,
    metrics: async () => await (all?.metrics() ?? services.metrics.registry.metrics()),
    liveViews: async seen => await (all?.live(seen) ?? [services.live.view(seen)]),
    directory,
    pepper,
    ledger,
    prices: services.prices,
    ended: async requestId => all === undefined ? services.live.find(requestId) : await all.ended(requestId),
    answers: reproducible.answers,
    door: { ...config.door, name: 'operator', shared: refusals },
    readiness: () => ({
      ready: !state.draining && stores.state() !== notReached,
      checks: { drain: state.draining ? 'draining' : 'ok', store: stores.state() }
    })
  })

  services.leases.start()
  const alerts = new SpendAlerts({ directory, spend: spendOf(ledger, config.metering.time_zone), pepper, logger })
  const operatorUrl = await operator.listen({ ...config.operator_listen })
  const publicUrl = await app.listen({ ...config.listen })

  return {
    publicUrl,
    operatorUrl,
    baseUrl: `${publicUrl}/v1`,
    bootstrapped: stores.bootstrapped,
    demo: demo !== null,
    logger,
    metrics: async () => await services.metrics.registry.getMetricsAsJSON(),
    live: seen => services.live.view(seen),
    ended: requestId => services.live.find(requestId),
    reload: load => reloader.reload(load),
    drain: () => shutDownOnce(config.drain),
    close: () => shutDownOnce({ delay: 0, deadline: 0 })
  }

  function shutDownOnce (timing: Config['drain']): Promise<void> {
    ended ??= shutDown(timing)
    return ended
  }

  async function shutDown ({ delay, deadline }: Config['drain']): Promise<void> {
    state.draining = true
    drain.turnAway()
    await sleep(delay)
    await drain.close(deadline, () => { void services.gateway.close() })
    await services.gateway.close()
    await operator.close()
    await demo?.close()
    services.leases.stop()
    await reloader.stop()
    await alerts.close()
    await stores.close()
    await tracing?.shutdown()
    flush()
  }
}

/** With Node's own client of fetch, which comes with the import of `node:http`: only for processes that have no provider. */
async function startDemo (): Promise<DemoUpstream> {
  const { startDemoUpstream } = await import('./upstream/demo.ts')
  return await startDemoUpstream()
}
