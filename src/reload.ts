import { isDeepStrictEqual } from 'node:util'
import type { FastifyBaseLogger } from 'fastify'
import { ConfigError } from './config/fault.ts'
import type { Config } from './config/schema.ts'
import { declare } from './declared.ts'
import type { PriceTable } from './metering/pricing.ts'
import { priceTables } from './price-table.ts'
import { modelLabel, routerOf } from './services.ts'
import { DirectoryError } from './stores/directory.ts'
import type { DeclaredChange, Directory } from './stores/directory.ts'
import { StoreUnavailableError } from './stores/unavailable.ts'
import type { Metrics } from './telemetry/metrics.ts'
import type { UpstreamGateway } from './upstream/gateway.ts'

/** What a changed configuration can reach while requests are served. */
export interface Live {
  readonly directory: Pick<Directory, 'declared'>
  readonly gateway: UpstreamGateway
  readonly prices: PriceTable
  readonly metrics: Pick<Metrics, 'configReloaded' | 'label'>
  readonly logger: FastifyBaseLogger
}

/** What takes effect at once. Everything else needs a restart. */
const swapped: ReadonlySet<string> = new Set(['projects', 'organization', 'prices', 'models', 'default_upstream'] satisfies Array<keyof Config>)

/** A reload that only the store was in the way of is tried again after so long, ms. */
const retryInterval = 2_000

/** Takes over changed configurations, whole or not at all, one after the other. */
export class Reloader {
  readonly #live: Live
  readonly #started: Config
  #last: Promise<unknown> = Promise.resolve()
  #retry: NodeJS.Timeout | undefined
  #stopped = false

  /** @param started what the process was started with */
  constructor (started: Config, live: Live) {
    this.#started = started
    this.#live = live
  }

  /**
   * Whether the configuration was taken over. A faulty one, or a store that is away, leaves the old one as it is, and is logged. What
   * failed because of the store is tried again until it succeeds, with whatever the file says by then.
   */
  reload (load: () => Promise<Config>): Promise<boolean> {
    const turn = this.#last.then(() => this.#reload(load))
    this.#last = turn
    return turn
  }

  /** Ends the retries, and waits for a reload under way. */
  async stop (): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#retry)
    await this.#last
  }

  async #reload (load: () => Promise<Config>): Promise<boolean> {
    const { logger, metrics } = this.#live
    clearTimeout(this.#retry)
    try {
      const config = await load()
      const changes = await this.#take(config)
      metrics.configReloaded(true)
      logger.info({ changes: changes.length, needs_restart: needingRestart(this.#started, config) }, 'configuration reloaded')
      return true
    } catch (error) {
      metrics.configReloaded(false)
      const again = isPassing(error)
      logger.error(error instanceof ConfigError ? { faults: error.faults } : { err: error, again }, 'configuration not reloaded; the old one stays')
      if (again && !this.#stopped) this.#retry = setTimeout(() => { void this.reload(load) }, retryInterval).unref()
      return false
    }
  }

  /** What can fail comes first; then everything in memory is swapped in one turn of the event loop. */
  async #take (config: Config): Promise<readonly DeclaredChange[]> {
    const { directory, gateway, prices, metrics } = this.#live
    const router = routerOf(config, gateway.upstreams)
    const changes = await declare(directory, config)
    gateway.router = router
    prices.replace(...priceTables(config))
    metrics.label(modelLabel(config))
    return changes
  }
}

/** The settings that differ from those the process was started with, and cannot change while it runs. */
function needingRestart (started: Config, config: Config): string[] {
  const names = new Set([...Object.keys(started), ...Object.keys(config)]) as ReadonlySet<keyof Config>
  return [...names].filter(name => !swapped.has(name) && !isDeepStrictEqual(started[name], config[name]))
}

/** The store is away, or others change it faster. */
function isPassing (error: unknown): boolean {
  return error instanceof StoreUnavailableError || (error instanceof DirectoryError && error.fault === 'contended')
}
