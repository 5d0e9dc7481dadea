import type { Directory } from './directory.ts'
import { openSqliteDirectory } from './sqlite/directory.ts'

export interface OpenOptions {
  /** The clock, in Unix seconds. */
  readonly now?: () => number
}

/** Opens the directory at a store address: `sqlite:PATH` (`sqlite::memory:` for tests) or any form of Redis. Throws on another kind. */
export async function openDirectory (address: string, { now = unixSeconds }: OpenOptions = {}): Promise<Directory> {
  const [kind = ''] = address.split(':', 1)
  if (kind === 'sqlite') return openSqliteDirectory(address.slice('sqlite:'.length), now)
  throw new Error(`unknown kind of store: ${kind}`)
}

function unixSeconds (): number {
  return Math.floor(Date.now() / 1000)
}
