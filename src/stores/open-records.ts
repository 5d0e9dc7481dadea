import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ledger, ReadableRecords } from './ledger.ts'
import { RedisLedger } from './redis/ledger.ts'
import { LedgerInUseError } from './sqlite/ledger-lock.ts'
import { LedgerReader } from './sqlite/ledger-reader.ts'
import { SqliteLedgerView } from './sqlite/ledger-view.ts'
import { SqliteLedger } from './sqlite/ledger.ts'
import { StoreUnavailableError } from './unavailable.ts'

/** The ledger of a store, for someone who does not serve. */
export interface OpenedRecords {
  readonly records: ReadableRecords
  /** What the rows take: of the disk, or of Redis' memory. */
  bytes (): Promise<number>
  close (): Promise<void>
}

const connectTimeout = 3_000
/** A gateway folds its journal every 5 s: what is older than this is in its tables, µs. */
const foldedWithin = 60_000_000

/** Opens a ledger to be read, archived and trimmed; a gateway may be serving from it. Rejects with StoreUnavailableError. */
export async function openRecords (address: string, timeZone: string): Promise<OpenedRecords> {
  if (!address.startsWith('sqlite:')) {
    const ledger = await openRedisLedger(address, timeZone)
    return { records: ledger.records, bytes: () => ledger.records.bytes(), close: () => ledger.close() }
  }
  const path = address.slice('sqlite:'.length)
  if (!existsSync(path)) throw new StoreUnavailableError('the ledger', new Error(`there is no file ${path}`))
  await foldUnlessInUse(path, timeZone)
  const reader = new LedgerReader(path)
  return {
    records: new SqliteLedgerView(reader, () => {}, () => Date.now() * 1000 - foldedWithin),
    bytes: async () => (await stat(path)).size,
    close: () => reader.close()
  }
}

/** Opens a ledger to be mended. In SQLite no gateway may be serving from it: rejects with LedgerInUseError. */
export async function openLedgerToMend (address: string, timeZone: string): Promise<Ledger> {
  if (!address.startsWith('sqlite:')) return openRedisLedger(address, timeZone)
  return new SqliteLedger({ path: address.slice('sqlite:'.length), timeZone, durability: 'power' })
}

async function openRedisLedger (address: string, timeZone: string): Promise<RedisLedger> {
  const ledger = new RedisLedger({ address, timeZone, knownEpoch: null, onEpoch: () => {}, onEvent: () => {} })
  try {
    await Promise.race([ledger.ready(), tooLate()])
    return ledger
  } catch (cause) {
    await ledger.close()
    throw new StoreUnavailableError('the ledger', cause)
  }
}

async function tooLate (): Promise<never> {
  await sleep(connectTimeout, undefined, { ref: false })
  throw new Error('no answer')
}

/** What a killed gateway left in the journal belongs to the tables. */
async function foldUnlessInUse (path: string, timeZone: string): Promise<void> {
  try {
    await new SqliteLedger({ path, timeZone, durability: 'process' }).close()
  } catch (error) {
    if (!(error instanceof LedgerInUseError)) throw error
  }
}
