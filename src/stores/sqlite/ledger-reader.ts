import { DatabaseThread } from './database-thread.ts'
import type { LedgerReads } from './ledger-reads.ts'

/** Reads the ledger's file in a thread of its own. */
export class LedgerReader extends DatabaseThread<LedgerReads> {
  constructor (path: string) {
    super('ledger-worker', path, 'the ledger')
  }
}
