import cluster from 'node:cluster'
import { setFlagsFromString } from 'node:v8'
import type { LoadOptions } from '../config/assemble.ts'
import { loadConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { configSource, followConfig } from './follow-config.ts'
import type { Followed } from './follow-config.ts'

export interface ServeOptions {
  readonly config?: string
  /** As `TOLLGATE_WORKERS`, before which it goes. */
  readonly workers?: string
}

/** `tollgate serve`: runs until a signal, then drains. As one process, or as one that leads several. */
export async function serve ({ config: file, workers }: ServeOptions): Promise<void> {
  keepRequestsYoung()
  const source = configSource(file)
  const load = async (): Promise<Config> => await loadConfig(withWorkers(source(), workers))
  if (cluster.isWorker) await (await import('./serve/led.ts')).serveLed(load)
  else await serveFollowing(await followConfig(file), load)
}

async function serveFollowing (followed: Followed, load: () => Promise<Config>): Promise<void> {
  const config = await load()
  if (config.workers > 1) await (await import('./serve/lead.ts')).lead(config, followed)
  else await (await import('./serve/alone.ts')).serveAlone(config, followed, load)
}

function withWorkers (options: LoadOptions, workers: string | undefined): LoadOptions {
  return workers === undefined ? options : { ...options, env: { ...options.env, TOLLGATE_WORKERS: workers } }
}

/**
 * V8 puts new objects among the old ones where it expects them to live long, because earlier ones of their kind did. Of a gateway's requests it
 * expects too much: the parts that are put there keep the rest alive until the next full collection. In two processes of three each
 * collection of the young generation then moved two to five times as much.
 */
function keepRequestsYoung (): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
