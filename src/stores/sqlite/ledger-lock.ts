import { DatabaseSync } from 'node:sqlite'
import { StoreUnavailableError } from '../unavailable.ts'

export class LedgerInUseError extends Error {
  override readonly name = 'LedgerInUseError'
}

/**
 * Holds a file that no other process can hold at the same time; the operating system lets go of it when the process ends, however it
 * ends. The ledger's limits live in the memory of one process: two on the same file would each let everything in.
 * Throws LedgerInUseError when it is held already, and StoreUnavailableError when it cannot be opened.
 */
export function lockLedger (path: string): () => void {
  const lock = opened(`${path}.lock`)
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    if (!isLocked(cause)) throw new StoreUnavailableError('the ledger', cause)
    throw new LedgerInUseError(`${path} is in use by another process. Several processes need Redis as their store.`, { cause })
  }
  return () => { lock.close() }
}

function isLocked (cause: unknown): boolean {
  return cause instanceof Error && cause.message.includes('database is locked')
}

function opened (path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 })
  } catch (cause) {
    throw new StoreUnavailableError('the ledger', cause)
  }
}
