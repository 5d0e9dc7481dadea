import closeWithGrace from 'close-with-grace'
import { Dialogue } from '../../cluster/dialogue.ts'
import type { ToPrimary, ToWorker } from '../../cluster/topics.ts'
import type { Config } from '../../config/schema.ts'
import { startServer } from '../../server.ts'
import type { RunningServer } from '../../server.ts'
import { graceOf } from './grace.ts'

/** What terminals and service managers send to whole groups: workers wait for the primary's word. */
const groupSignals = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT'] as const

/** A worker: it serves as a process alone does, and does what the primary tells it. When the primary dies, Node ends it. */
export async function serveLed (load: () => Promise<Config>): Promise<void> {
  for (const signal of groupSignals) process.on(signal, () => {})
  const starting = Promise.withResolvers<RunningServer>()
  let endWell = (): void => process.exit(0)
  const primary = new Dialogue<ToPrimary, ToWorker>(process, {
    reload: () => { void starting.promise.then(async server => await server.reload(load)) },
    drain: () => { endWell() },
    metrics: async () => await (await starting.promise).metrics(),
    live: async seen => (await starting.promise).live(seen),
    ended: async requestId => (await starting.promise).ended(requestId)
  })
  // From here on it hears of changes.
  const config = await load()
  const server = await startServer(config, {
    all: {
      metrics: async () => await primary.ask('metrics', null),
      live: async seen => await primary.ask('live', seen),
      ended: async requestId => await primary.ask('ended', requestId)
    }
  })
  const { logger, publicUrl, operatorUrl, demo, bootstrapped } = server
  starting.resolve(server)
  const grace = closeWithGrace({ delay: graceOf(config), logger: false, skip: [...groupSignals] }, async ({ err }) => {
    if (err === undefined) {
      await server.drain()
    } else {
      logger.fatal({ err }, 'going down')
      await server.close()
    }
  })
  endWell = () => { void grace.close() }
  bootstrapped.then(
    made => { primary.ask('bootstrapped', made).catch((error: unknown) => { logger.error({ err: error }, 'the primary was not told of the first start') }) },
    (error: unknown) => { logger.fatal({ err: error }, 'the first start failed') })
  await primary.ask('serves', { publicUrl, operatorUrl, demo })
}
