import { join, parse } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Directory } from './directory.ts'
import type { Ledger, LedgerEvent } from './ledger.ts'
import type { SharedCounts } from './shared-counts.ts'
import { inMemory } from './sqlite/database.ts'
import { openSqliteDirectory } from './sqlite/directory.ts'
import type { Durability } from './sqlite/ledger-commits.ts'
import { SqliteLedger } from './sqlite/ledger.ts'

export interface OpenOptions {
  /** The clock, in Unix seconds. */
  readonly now?: () => number
  /** Told of connection errors. Calls that fail of them reject as well. */
  readonly onError?: (error: Error) => void
}

// The client of Redis is loaded only where there is one.

/**
 * Opens the directory of a store: `sqlite:PATH` (`sqlite::memory:` for tests) or any form of Redis. Throws on another kind.
 *
 * In SQLite it is a file beside the store's (`tollgate.db` → `tollgate.directory.db`): a file has one writer at a time, and the
 * event loop would stand still while the directory waits for the ledger's commits to reach the disk.
 */
export async function openDirectory (address: string, { now = unixSeconds, onError = () => {} }: OpenOptions = {}): Promise<Directory> {
  const [kind = ''] = address.split(':', 1)
  if (kind === 'sqlite') return openSqliteDirectory(besideStore(address.slice('sqlite:'.length), 'directory'), now)
  if (kind.startsWith('redis')) {
    const { openRedisDirectory } = await import('./redis/directory.ts')
    return openRedisDirectory(address, now, onError)
  }
  throw new Error(`unknown kind of store: ${kind}`)
}

export interface OpenLedgerOptions {
  /** Of the months, IANA name. */
  readonly timeZone: string
  /** SQLite only. */
  readonly durability: Durability
  /** Of the spool, where a replica keeps what it owes to a Redis that is away. */
  readonly folder: string
  readonly onEvent: (event: LedgerEvent) => void
}

/** A store that is there connects faster, ms. One that is not is not waited for. */
const firstConnection = 1_000

/** Opens the ledger of a store: `sqlite:PATH` or any form of Redis. Throws on another kind. */
export async function openLedger (address: string, { timeZone, durability, folder, onEvent }: OpenLedgerOptions): Promise<Ledger> {
  const [kind = ''] = address.split(':', 1)
  if (kind === 'sqlite') return new SqliteLedger({ path: address.slice('sqlite:'.length), timeZone, durability })
  if (kind.startsWith('redis')) {
    const { ResilientLedger } = await import('./redis/resilient-ledger.ts')
    const ledger = new ResilientLedger({ address, timeZone, folder, onEvent })
    await Promise.race([ledger.ready().catch(() => {}), sleep(firstConnection, undefined, { ref: false })])
    return ledger
  }
  throw new Error(`unknown kind of store: ${kind}`)
}

/** Counts that all replicas of a store add to; null for a store that only one process uses. */
export async function openSharedCounts (address: string, onError: (error: Error) => void): Promise<SharedCounts | null> {
  if (!address.startsWith('redis')) return null
  const { RedisSharedCounts } = await import('./redis/shared-counts.ts')
  return new RedisSharedCounts(address, onError)
}

/** The path of a part that has a file of its own: `tollgate.db` → `tollgate.directory.db`. */
export function besideStore (path: string, part: string): string {
  const { dir, name, ext } = parse(path)
  return path === inMemory ? inMemory : join(dir, `${name}.${part}${ext}`)
}

function unixSeconds (): number {
  return Math.floor(Date.now() / 1000)
}
