import type { FastifyBaseLogger } from 'fastify'
import { buildApp } from './app.ts'
import { bootstrap } from './bootstrap.ts'
import type { Bootstrapped } from './bootstrap.ts'
import type { Config } from './config/schema.ts'
import { buildOperator } from './operator.ts'
import { Drain } from './drain.ts'
import { createLogger } from './logger.ts'
import { openReproducible } from './reproducible.ts'
import { createServices } from './services.ts'
import { openDirectory, openLedger } from './stores/open.ts'
import { loadPepper } from './stores/pepper.ts'
import { startTracing } from './telemetry/tracing.ts'
import { startDemoUpstream } from './upstream/demo.ts'
import type { UpstreamGateway } from './upstream/gateway.ts'
import { version } from './version.ts'

/** A process that serves. */
export interface RunningServer {
  /** `http://host:port` of each listener. */
  readonly publicUrl: string
  readonly operatorUrl: string
  /** The base URL that SDKs are given. */
  readonly baseUrl: string
  /** What the first start made; secrets among it are to be shown once. */
  readonly bootstrapped: Bootstrapped
  /** The built-in provider answers, because no other is configured. */
  readonly demo: boolean
  readonly logger: FastifyBaseLogger
  /** Stops taking requests, lets those in flight end within the drain deadline, closes everything. Once: later calls wait for the first. */
  drain (): Promise<void>
}

/** Opens the stores, builds both listeners, and serves. Takes no signals and reads no environment: the command line does. */
export async function startServer (config: Config): Promise<RunningServer> {
  const { logger, flush } = createLogger(config)
  const pepper = await loadPepper(config)
  const directory = await openDirectory(config.store)
  const ledger = await openLedger(config.store, { timeZone: config.metering.time_zone, durability: config.metering.durability })
  const reproducible = await openReproducible(config, pepper, logger)
  const bootstrapped = await bootstrap(directory, pepper, config)
  const demo = Object.values(config.upstreams).some(upstream => upstream.base_url === 'demo') ? await startDemoUpstream() : null

  const tracing = config.otlp_endpoint === undefined ? null : await startTracing(config.otlp_endpoint, version)

  const services = createServices(config, { logger, directory, ledger, reproducible, pepper, demoUrl: demo?.url ?? null, tracing })
  const state = { draining: false }
  let drained: Promise<void> | null = null
  const app = await buildApp(config, services)
  const drain = new Drain(app)
  const operator = await buildOperator({
    logger,
    registry: services.metrics.registry,
    directory,
    pepper,
    ledger,
    door: config.door,
    readiness: () => ({ ready: !state.draining, checks: { drain: state.draining ? 'draining' : 'ok' } })
  })

  services.leases.start()
  const operatorUrl = await operator.listen({ ...config.operator_listen })
  const publicUrl = await app.listen({ ...config.listen })
  logger.info({ public: publicUrl, operator: operatorUrl }, 'listening')

  return {
    publicUrl,
    operatorUrl,
    baseUrl: `${publicUrl}/v1`,
    bootstrapped,
    demo: demo !== null,
    logger,
    drain: () => {
      drained ??= shutDown()
      return drained
    }
  }

  async function shutDown (): Promise<void> {
    state.draining = true
    await closeWithin(config.drain.deadline, drain, services.gateway)
    await operator.close()
    await demo?.close()
    services.leases.stop()
    await reproducible.answers.close()
    await ledger.close()
    await directory.close()
    await tracing?.shutdown()
    flush()
  }
}

/** Waits for open answers; those that outlast the deadline end with an error event. */
async function closeWithin (deadline: number, drain: Drain, gateway: UpstreamGateway): Promise<void> {
  const cut = setTimeout(() => { void gateway.close() }, deadline)
  await drain.close()
  clearTimeout(cut)
  await gateway.close()
}
