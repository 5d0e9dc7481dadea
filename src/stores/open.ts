import { join, parse } from 'node:path'
import type { Directory } from './directory.ts'
import { inMemory } from './sqlite/database.ts'
import { openSqliteDirectory } from './sqlite/directory.ts'

export interface OpenOptions {
  /** The clock, in Unix seconds. */
  readonly now?: () => number
}

/**
 * Opens the directory of a store: `sqlite:PATH` (`sqlite::memory:` for tests) or any form of Redis. Throws on another kind.
 *
 * In SQLite it is a file beside the store's (`tollgate.db` → `tollgate.directory.db`): a file has one writer at a time, and the
 * event loop would stand still while the directory waits for the ledger's commits to reach the disk.
 */
export async function openDirectory (address: string, { now = unixSeconds }: OpenOptions = {}): Promise<Directory> {
  const [kind = ''] = address.split(':', 1)
  if (kind === 'sqlite') return openSqliteDirectory(besideStore(address.slice('sqlite:'.length)), now)
  throw new Error(`unknown kind of store: ${kind}`)
}

function besideStore (path: string): string {
  const { dir, name, ext } = parse(path)
  return path === inMemory ? inMemory : join(dir, `${name}.directory${ext}`)
}

function unixSeconds (): number {
  return Math.floor(Date.now() / 1000)
}
