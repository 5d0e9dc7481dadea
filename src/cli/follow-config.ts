import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { watch } from 'chokidar'
import type { LoadOptions } from '../config/assemble.ts'

/** A file is read when it has had the same size for so long, ms: a half-written one may be valid, and declare half the teams. */
const settled = 200

/** How to read the configuration. Once there was a file, its absence is a fault: without one, everything that it declared would be gone. */
export type ConfigSource = () => LoadOptions

/** The configuration file, and word of its changes. */
export interface Followed {
  /** Calls when the file has changed and on SIGHUP, for what happened before the call, too. */
  onChange (listener: () => void): void
  stop (): Promise<void>
}

/** @param file the one that was named, if any */
export function configSource (file: string | undefined): ConfigSource {
  const path = pathOf(file)
  let isThere = existsSync(path)
  return () => {
    isThere ||= existsSync(path)
    return { env: process.env, file: isThere ? path : file }
  }
}

/**
 * Follows the configuration file from before it is read the first time, so that no change is lost. Editors that rename, and
 * Kubernetes, which swaps a symlink some folders up, are seen too.
 */
export async function followConfig (file: string | undefined): Promise<Followed> {
  let missed = false
  let listener = (): void => { missed = true }
  const changed = (): void => { listener() }

  const watcher = watch(pathOf(file), { ignoreInitial: true, awaitWriteFinish: { stabilityThreshold: settled, pollInterval: 50 } })
  watcher.on('add', changed).on('change', changed)
  process.on('SIGHUP', changed)
  await once(watcher, 'ready')

  return {
    onChange (given) {
      listener = given
      if (missed) given()
    },
    async stop () {
      process.off('SIGHUP', changed)
      await watcher.close()
    }
  }
}

function pathOf (file: string | undefined): string {
  return resolve(file ?? (process.env['TOLLGATE_CONFIG'] || 'tollgate.yaml'))
}
