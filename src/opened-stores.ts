import type { FastifyBaseLogger } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Reproducible } from './app.ts'
import { bootstrap } from './bootstrap.ts'
import type { Bootstrapped } from './bootstrap.ts'
import type { Config } from './config/schema.ts'
import { declare } from './declared.ts'
import { openReproducible } from './reproducible.ts'
import type { Directory } from './stores/directory.ts'
import type { Ledger, LedgerEvent, LedgerHealth } from './stores/ledger.ts'
import { openDirectory, openLedger, openSharedCounts } from './stores/open.ts'
import { loadPepper } from './stores/pepper.ts'
import type { SharedCounts } from './stores/shared-counts.ts'
import { StoreUnavailableError } from './stores/unavailable.ts'

/** What `/readyz` says of a store until then. */
export const notReached = 'not reached yet'
/** How often a store that is away at the start is tried again, ms. */
const retryInterval = 500
/** What a start becomes when the process ends before its store is there. */
const forever = new Promise<never>(() => {})

/** Everything that is remembered, opened for one process. */
export interface OpenedStores {
  readonly pepper: string
  readonly directory: Directory
  readonly ledger: Ledger
  readonly reproducible: Reproducible
  /** Null where one process is alone with its store. */
  readonly refusals: SharedCounts | null
  /** What the first start made. While the store is away at the start it does not resolve, and the process is not ready. */
  readonly bootstrapped: Promise<Bootstrapped>
  /** What `/readyz` says of them: `ok`, or what is wrong. */
  readonly state: () => string
  /** Has one listener told of what happens to the ledger. */
  readonly watchLedger: (listener: (event: LedgerEvent) => void) => void
  close (): Promise<void>
}

/** Opens the stores that the configuration names. A shared store that is away is waited for, in the background; what is wrong with it for good is thrown. */
export async function openStores (config: Config, logger: FastifyBaseLogger): Promise<OpenedStores> {
  const pepper = await loadPepper(config)
  const onError = (error: Error): void => { logger.debug({ err: error }, 'the store\'s connection failed') }
  let isReached = false
  let onLedger: (event: LedgerEvent) => void = () => {}
  const directory = await openDirectory(config.store, { onError })
  const ledger = await openLedger(config.store, {
    timeZone: config.metering.time_zone,
    durability: config.metering.durability,
    folder: config.data_dir,
    onEvent: event => {
      logLedgerEvent(logger, event)
      onLedger(event)
    }
  })
  const reproducible = await openReproducible(config, pepper, logger)
  const refusals = await openSharedCounts(config.store, onError)
  const closing = new AbortController()

  const first = await attempt()
  const bootstrapped = first === null ? untilReached() : Promise.resolve(first)
  return {
    pepper,
    directory,
    ledger,
    reproducible,
    refusals,
    bootstrapped,
    state: () => isReached ? stateOf(ledger.health()) : notReached,
    watchLedger: listener => { onLedger = listener },
    async close () {
      closing.abort()
      await refusals?.close()
      await reproducible.answers.close()
      await ledger.close()
      await directory.close()
    }
  }

  async function attempt (): Promise<Bootstrapped | null> {
    try {
      const made = await bootstrap(directory, pepper, config)
      await declare(directory, config)
      isReached = true
      return made
    } catch (error) {
      if (error instanceof StoreUnavailableError) return null
      throw error
    }
  }

  async function untilReached (): Promise<Bootstrapped> {
    logger.warn('the store cannot be reached yet')
    for (;;) {
      await sleep(retryInterval, undefined, { signal: closing.signal }).catch(() => forever)
      const made = await attempt()
      if (made !== null) return made
    }
  }
}

function stateOf ({ available, forgot }: LedgerHealth): string {
  if (!available) return 'away'
  return forgot ? 'forgot what was spent' : 'ok'
}

function logLedgerEvent (logger: FastifyBaseLogger, event: LedgerEvent): void {
  switch (event.type) {
    case 'available':
    case 'unavailable':
      logger.warn({ available: event.type === 'available' }, event.type === 'available' ? 'the ledger is back' : 'the ledger is away')
      break
    case 'loss':
      logger.warn({ replayed: event.replayed }, 'the store lost what it had acknowledged; the last minute was said again')
      break
    case 'forgotten':
      logger.error('the store has forgotten what was spent: teams with a budget are refused. Next: tollgate ledger restore, or tollgate ledger accept-loss')
      break
    case 'drained':
      logger.info({ endings: event.endings }, 'what was kept on disk while the store was away has reached it')
      break
    case 'warning':
      logger.warn(event.message)
      break
    case 'error':
      logger.debug({ err: event.error }, 'the ledger failed')
  }
}
