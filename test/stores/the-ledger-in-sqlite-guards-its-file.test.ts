import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'tap'
import type { Test } from 'tap'
import type { Reservation } from '../../src/metering/reservation.ts'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import type { Durability } from '../../src/stores/sqlite/ledger-commits.ts'
import { StoreUnavailableError } from '../../src/stores/unavailable.ts'
import { aRequest, anOutcome, aRule, ridAt } from '../helpers/metering.ts'

function openAt (t: Test, path: string, durability: Durability = 'process'): SqliteLedger {
  const ledger = new SqliteLedger({ path, timeZone: 'UTC', durability })
  t.teardown(() => ledger.close())
  return ledger
}

const places = [aRule({ metric: 'concurrency', limit: 5 })]

async function reserve (ledger: SqliteLedger): Promise<Reservation> {
  const admission = await ledger.admit(aRequest(ridAt(Date.now()), { rules: places }))
  if (!admission.admitted || admission.reservation === null) throw new Error('denied')
  return admission.reservation
}

test('a second process, or a second ledger, on the same file is refused', async t => {
  const path = join(t.testdir(), 'ledger.db')
  const ledger = new SqliteLedger({ path, timeZone: 'UTC', durability: 'process' })
  t.throws(() => new SqliteLedger({ path, timeZone: 'UTC', durability: 'process' }), /in use by another process/)
  await ledger.close()
  openAt(t, path)
})

test('while the file does not take writes nothing is let in, settlements wait, and nothing is lost', async t => {
  const path = join(t.testdir(), 'ledger.db')
  const ledger = openAt(t, path)
  const open = await reserve(ledger)
  const other = new DatabaseSync(path)
  t.teardown(() => { other.close() })

  other.exec('BEGIN IMMEDIATE')
  await t.rejects(reserve(ledger), StoreUnavailableError)
  await t.rejects(ledger.settle(open, anOutcome(1, 1, 7)), StoreUnavailableError)
  t.match(await ledger.limits('proj_a', 'key_a', places), [{ remaining: 5 }], 'the refused one took no place')
  other.exec('ROLLBACK')

  t.equal(await ledger.settle(open, anOutcome(1, 1, 7)), 'repeated', 'it was kept, and is durable now')
  await ledger.settle(await reserve(ledger), anOutcome(1, 1, 8))
  const seqs: number[] = []
  for await (const { seq } of ledger.records.rows('proj_a', 0)) seqs.push(seq)
  t.same(seqs, [1, 2])
})

test('all requests of one turn of the event loop share one commit', async t => {
  const path = join(t.testdir(), 'ledger.db')
  const ledger = openAt(t, path)
  await Promise.all(Array.from({ length: 5 }, () => reserve(ledger)))
  const other = new DatabaseSync(path, { readOnly: true })
  t.teardown(() => { other.close() })
  t.equal(other.prepare('SELECT count(*) AS n FROM ledger_journal').get()?.n, 1)
})

test('a commit that is to survive a power cut is synced before it is acknowledged', async t => {
  const path = join(t.testdir(), 'ledger.db')
  const ledger = openAt(t, path, 'power')
  const reservations = await Promise.all([reserve(ledger), reserve(ledger)])
  t.equal(await ledger.settle(reservations[0], anOutcome(1, 1, 7)), 'recorded')
  t.ok(readFileSync(`${path}-wal`).includes(reservations[1].rid))
})

test('the write-ahead log starts over under constant writing', async t => {
  const path = join(t.testdir(), 'ledger.db')
  const ledger = openAt(t, path)
  // It begins anew when a checkpoint has caught up, which on a busy machine may take a while: then it no longer grows.
  let size = 0
  let steady = 0
  for (let round = 1; steady < 2 && round <= 60_000; round++) {
    await ledger.void(await reserve(ledger), 'test')
    if (round % 500 !== 0) continue
    const now = statSync(`${path}-wal`).size
    steady = now === size ? steady + 1 : 0
    size = now
  }
  t.equal(steady, 2, `it still grows at ${size} bytes`)
})

test('when the tables could not be written, what had ended is not open again after a restart', async t => {
  const path = join(t.testdir(), 'ledger.db')
  const ledger = new SqliteLedger({ path, timeZone: 'UTC', durability: 'process' })
  const open = await reserve(ledger)
  await ledger.records.projectIds()
  const other = new DatabaseSync(path)
  t.teardown(() => { other.close() })
  t.equal(other.prepare('SELECT count(*) AS n FROM ledger_open').get()?.n, 1, 'the tables have it')

  await ledger.settle(open, anOutcome(1, 1, 7))
  other.exec('BEGIN IMMEDIATE')
  await t.rejects(ledger.records.projectIds(), StoreUnavailableError, 'the tables were to be written, and could not')
  other.exec('ROLLBACK')
  await ledger.records.projectIds()
  t.equal(other.prepare('SELECT count(*) AS n FROM ledger_open').get()?.n, 0)

  await ledger.close()
  t.equal(openAt(t, path).openCount, 0)
})
