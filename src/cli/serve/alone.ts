import closeWithGrace from 'close-with-grace'
import type { Config } from '../../config/schema.ts'
import { startServer } from '../../server.ts'
import type { Followed } from '../follow-config.ts'
import { graceOf } from './grace.ts'
import { greet, sayListening } from './greet.ts'

/** One process: it serves, follows its configuration file, and takes the signals. */
export async function serveAlone (config: Config, followed: Followed, load: () => Promise<Config>): Promise<void> {
  const server = await startServer(config)
  const { logger } = server
  sayListening(logger, server)
  server.bootstrapped.then(made => { greet(server, made) }, (error: unknown) => { logger.fatal({ err: error }, 'the first start failed') })
  followed.onChange(() => { void server.reload(load) })
  closeWithGrace({ delay: graceOf(config), logger: false, skip: ['SIGHUP'] }, async ({ err, signal }) => {
    await followed.stop()
    if (err === undefined) {
      logger.info({ signal }, 'draining')
      await server.drain()
    } else {
      logger.fatal({ err }, 'going down')
      await server.close()
    }
  })
}
