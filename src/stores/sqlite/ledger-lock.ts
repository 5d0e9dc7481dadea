import { DatabaseSync } from 'node:sqlite'

export class LedgerInUseError extends Error {
  override readonly name = 'LedgerInUseError'
}

/**
 * Holds a file that no other process can hold at the same time; the operating system lets go of it when the process ends, however it
 * ends. The ledger's limits live in the memory of one process: two on the same file would each let everything in.
 * Throws LedgerInUseError when it is held already.
 */
export function lockLedger (path: string): () => void {
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    throw new LedgerInUseError(`${path} is in use by another process. Several processes need Redis as their store.`, { cause })
  }
  return () => { lock.close() }
}
