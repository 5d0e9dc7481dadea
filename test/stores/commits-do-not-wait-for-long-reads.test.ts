import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import type { UsageQuery } from '../../src/metering/usage.ts'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { amountColumns } from '../../src/stores/sqlite/ledger-fold.ts'
import { aRequest, ridAt } from '../helpers/metering.ts'

/** So much to read that a thread which has to wait for its turn does not look as if it waited for reads. */
const cells = 50_000
const readers = 6
/** At least: some checkpoints come within them. */
const commits = 9000
/** At least, while there are commits. */
const enoughReads = 2 * readers
const everything: UsageQuery = { startMs: 0, endMs: 1, width: 'hour', groupBy: [], projectIds: ['proj_large'], keyIds: null, models: null, endpoints: null, limit: 1 }

// Commits pause while the write-ahead log starts over. Whoever reads all the time must not make that last.
void t.test('no admission waits for all reads that are under way', async t => {
  const path = `${t.testdir()}/tollgate.db`
  const ledger = new SqliteLedger({ path, timeZone: 'UTC', durability: 'process' })
  t.teardown(() => ledger.close())
  fill(path)
  const done = { reads: 0 }
  const over = new AbortController()
  const readAllTheTime = async (): Promise<void> => {
    for (; !over.signal.aborted; done.reads++) await ledger.usage(everything)
  }
  const reading = Array.from({ length: readers }, readAllTheTime)
  let most = 0
  for (let commit = 0; commit < commits || done.reads < enoughReads; commit++) {
    const before = done.reads
    await ledger.admit(aRequest(ridAt(Date.now()), { hit: true }))
    most = Math.max(most, done.reads - before)
  }
  over.abort()
  await Promise.all(reading)
  t.ok(most <= readers / 2, `${most} reads ended while one admission waited`)
})

/** So much to read that reading it takes long. */
function fill (path: string): void {
  const db = new DatabaseSync(path)
  const amounts = amountColumns.map(() => 1).join(', ')
  db.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${cells})
    INSERT INTO ledger_hours SELECT 'proj_large', 0, 'embeddings', 'key_a', 'model ' || i, ${amounts} FROM n`)
  db.close()
}
