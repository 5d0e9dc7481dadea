import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { Database } from './database.ts'
import { ledgerReads } from './ledger-reads.ts'
import type { LedgerReads } from './ledger-reads.ts'

/** A read that the main thread asks for. */
export interface ReadRequest {
  readonly id: number
  readonly name: keyof LedgerReads
  readonly args: readonly unknown[]
}

export type ReadReply = { readonly id: number, readonly result: unknown } | { readonly id: number, readonly error: unknown }

const schema = readFileSync(new URL('./ledger-schema.sql', import.meta.url), 'utf8')
const db = new Database(String(workerData), schema, 'the ledger')

parentPort?.on('message', ({ id, name, args }: ReadRequest) => {
  const read = ledgerReads[name] as (db: Database, ...args: readonly unknown[]) => unknown
  try {
    parentPort?.postMessage({ id, result: read(db, ...args) } satisfies ReadReply)
  } catch (error) {
    parentPort?.postMessage({ id, error } satisfies ReadReply)
  }
})
