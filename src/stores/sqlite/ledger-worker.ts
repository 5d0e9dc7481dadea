import { readFileSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { answerCalls } from './database-thread.ts'
import { Database } from './database.ts'
import { ledgerReads } from './ledger-reads.ts'

const schema = readFileSync(new URL('./ledger-schema.sql', import.meta.url), 'utf8')
const db = new Database(String(workerData), schema, 'the ledger')

answerCalls((name, args) => {
  const read = ledgerReads[name as keyof typeof ledgerReads] as (db: Database, ...args: readonly unknown[]) => unknown
  return read(db, ...args)
})
