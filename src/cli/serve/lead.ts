import closeWithGrace from 'close-with-grace'
import { Workers } from '../../cluster/workers.ts'
import type { Config } from '../../config/schema.ts'
import { createLogger, standardOutput } from '../../logger.ts'
import { exitWith } from '../exit.ts'
import type { Followed } from '../follow-config.ts'
import { graceOf } from './grace.ts'
import { greet, sayListening } from './greet.ts'

/** Later than the workers' own, ms: they end by themselves. */
const patience = 5_000

/**
 * The process that leads the workers. Signals are its own: workers do as it tells them, since some senders mean the whole group
 * (a terminal, systemd) and some only this one (Kubernetes).
 */
export async function lead (config: Config, followed: Followed): Promise<void> {
  const output = standardOutput()
  const { logger, flush } = createLogger(config, output)
  const workers = new Workers({ count: config.workers, logger, write: line => { output.write(`${line}\n`) } })
  // However this process ends: a second signal, a failure, too long a drain.
  process.once('exit', () => { workers.kill() })

  const served = await workers.started.catch((error: Error) => exitWith(`${error.message}: what it said is above`))
  sayListening(logger, served)
  void workers.bootstrapped.then(made => { greet(served, made) })
  followed.onChange(() => { workers.reload() })
  closeWithGrace({ delay: graceOf(config) + patience, logger: false, skip: ['SIGHUP'] }, async ({ err, signal }) => {
    await followed.stop()
    if (err === undefined) logger.info({ signal }, 'draining')
    else logger.fatal({ err }, 'going down')
    const well = await workers.drain()
    flush()
    if (!well) throw new Error('a worker did not end well')
  })
}
