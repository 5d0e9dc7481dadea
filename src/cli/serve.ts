import closeWithGrace from 'close-with-grace'
import type { Bootstrapped } from '../bootstrap.ts'
import { ConfigError, loadConfig } from '../config/load.ts'
import { startServer } from '../server.ts'
import type { RunningServer } from '../server.ts'
import { banner } from './banner.ts'
import { exitWith } from './exit.ts'
import { followConfig } from './follow-config.ts'

export interface ServeOptions {
  readonly config?: string
}

/** `tollgate serve`: runs until a signal, then drains. */
export async function serve (options: ServeOptions): Promise<void> {
  try {
    const followed = await followConfig(options.config)
    const config = await loadConfig(followed.options())
    const server = await startServer(config)
    server.bootstrapped.then(made => { greet(server, made) }, (error: unknown) => { server.logger.fatal({ err: error }, 'the first start failed') })
    followed.onChange(() => { void server.reload(() => loadConfig(followed.options())) })
    closeWithGrace({ delay: config.drain.delay + config.drain.deadline + 10_000, logger: false, skip: ['SIGHUP'] }, async ({ err, signal }) => {
      await followed.stop()
      if (err === undefined) {
        server.logger.info({ signal }, 'draining')
        await server.drain()
      } else {
        server.logger.fatal({ err }, 'going down')
        await server.close()
      }
    })
  } catch (error) {
    if (error instanceof ConfigError) exitWith(error.message)
    throw error
  }
}

/** For people a banner; for programs the keys that the first start made, as one JSON line. Either way they are shown this once. */
function greet (server: RunningServer, { key, adminKey }: Bootstrapped): void {
  if (process.stdout.isTTY) process.stdout.write(banner(server, { key, adminKey }, performance.now()))
  else if (key !== null || adminKey !== null) process.stdout.write(`${JSON.stringify({ msg: 'first start', key, admin_key: adminKey })}\n`)
}
