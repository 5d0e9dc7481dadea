import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { ArchiveError } from '../../src/metering/archive.ts'
import type { Reservation } from '../../src/metering/reservation.ts'
import { parseRow } from '../../src/metering/row.ts'
import type { LedgerRow } from '../../src/metering/row.ts'
import { archivedRows, archiveLedger, trimArchived } from '../../src/stores/ledger-archive.ts'
import { exportLines, rowsOfLines } from '../../src/stores/ledger-lines.ts'
import { restoreLedger } from '../../src/stores/ledger-restore.ts'
import { verifyLedger } from '../../src/stores/ledger-verify.ts'
import type { Ledger } from '../../src/stores/ledger.ts'
import { aRequest, anOutcome, aRule, ridAt } from '../helpers/metering.ts'
import { TestClock } from './ledger-scene.ts'

const dayMs = 86_400_000
const spend = aRule({ metric: 'spend_per_month', limit: 1_000_000 })

/** One place, and hands that reach into it behind the ledger's back. */
export interface DrillPlace {
  readonly ledger: Ledger
  /** Changes the text of one row, without its check or with it. */
  alterRow (projectId: string, seq: number, change: (text: string) => string): Promise<void>
  dropRow (projectId: string, seq: number): Promise<void>
  /** Adds one to one number of the sums by the hour of a day. */
  alterSum (projectId: string, day: number): Promise<void>
  /** Adds one to one number of the sums by the minute of an hour. */
  alterMinute (projectId: string, hour: number): Promise<void>
  /** Adds one to what a month has spent. */
  alterSpend (projectId: string, period: string): Promise<void>
  /** The ledger of a new, empty place. */
  wipe (): Promise<Ledger>
}

export type OpenDrill = (t: Test, clock: TestClock) => Promise<DrillPlace>

async function reserve (ledger: Ledger, clock: TestClock, projectId: string, keyId = 'key_a'): Promise<Reservation> {
  const admission = await ledger.admit(aRequest(ridAt(clock.ms), { projectId, keyId, rules: [spend] }))
  if (!admission.admitted || admission.reservation === null) throw new Error('not admitted')
  return admission.reservation
}

/** Two days of two projects: settled, void, estimated and corrected, hit, and one that stays open. */
async function live (ledger: Ledger, clock: TestClock): Promise<void> {
  for (let day = 0; day < 2; day++) {
    for (const projectId of ['proj_a', 'proj_b']) {
      await ledger.settle(await reserve(ledger, clock, projectId), anOutcome(10, 20, 400 + day))
      await ledger.settle(await reserve(ledger, clock, projectId, 'key_b'), anOutcome(1, 2, null))
      await ledger.void(await reserve(ledger, clock, projectId), 'client_abort')
      await ledger.admit(aRequest(ridAt(clock.ms), { projectId, hit: true }))
      const late = await reserve(ledger, clock, projectId)
      clock.ms += 30_000
      await ledger.reap()
      await ledger.settle(late, anOutcome(5, 5, 77))
    }
    clock.ms += dayMs
  }
}

async function totals (ledger: Ledger, clock: TestClock): Promise<unknown> {
  const { buckets } = await ledger.usage({
    startMs: clock.ms - 5 * dayMs, endMs: clock.ms, width: 'day', groupBy: ['project', 'key', 'model'], projectIds: null, keyIds: null, models: null, endpoints: null, limit: 10
  })
  const [left] = await ledger.limits('proj_a', 'key_a', [spend])
  return [buckets.map(({ startMs, results }) => [startMs, results.toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)]), left?.remaining]
}

async function exported ({ records }: Ledger): Promise<string[]> {
  const lines: string[] = []
  for await (const line of exportLines(records)) lines.push(line)
  return lines
}

async function * bare (lines: readonly string[]): AsyncGenerator<string, void> {
  for (const line of lines) yield line.trimEnd()
}

/** Verify, export, wipe and restore, wherever the ledger is kept. */
export function ledgerDrills (place: string, open: OpenDrill): void {
  const drill = (behaviour: string, body: (t: Test, place: DrillPlace, clock: TestClock) => Promise<void>): void => {
    void test(`${place}: ${behaviour}`, async t => {
      const clock = new TestClock()
      // In the middle of a month, so that the days before belong to it.
      clock.ms = Date.UTC(new Date(clock.ms).getUTCFullYear() + 1, 5, 15, 12)
      const opened = await open(t, clock)
      await live(opened.ledger, clock)
      await body(t, opened, clock)
    })
  }

  drill('a ledger that nobody altered verifies clean, with open requests too', async (t, { ledger }, clock) => {
    await reserve(ledger, clock, 'proj_a')
    t.same(await verifyLedger(ledger.records), { projects: 2, rows: 24, differences: [] })
  })

  drill('what a key without rows has reserved is no difference', async (t, { ledger }, clock) => {
    await reserve(ledger, clock, 'proj_a', 'key_new')
    t.same((await verifyLedger(ledger.records)).differences, [])
  })

  drill('one altered row is named', async (t, place) => {
    await place.alterRow('proj_a', 3, text => text.replace('client_abort', 'client_abart'))
    t.match((await verifyLedger(place.ledger.records)).differences, [{ projectId: 'proj_a', name: 'row 3' }])
  })

  drill('one dropped row is named', async (t, place) => {
    await place.dropRow('proj_b', 4)
    const { differences } = await verifyLedger(place.ledger.records)
    t.match(differences[0], { projectId: 'proj_b', name: 'row 4', found: 'row 5' })
  })

  drill('one altered sum is named', async (t, place, clock) => {
    await place.alterSum('proj_a', clock.ms - 2 * dayMs)
    const { differences } = await verifyLedger(place.ledger.records)
    t.equal(differences.length, 1)
    t.match(differences[0], { projectId: 'proj_a', name: /^aggregate \d{4}-06-15T\d\d:00:00.000Z chat.completions key_[ab] gpt-5 \w+$/ })
  })

  drill('one altered sum by the minute is named, as long as those are kept', async (t, place, clock) => {
    await place.alterMinute('proj_a', clock.ms - dayMs)
    const { differences } = await verifyLedger(place.ledger.records)
    t.equal(differences.length, 1)
    t.match(differences[0], { projectId: 'proj_a', name: /^aggregate \d{4}-06-16T\d\d:\d\d:00.000Z chat.completions key_[ab] gpt-5 \w+$/ })
  })

  drill('one altered spend counter is named', async (t, place, clock) => {
    const period = new Date(clock.ms).toISOString().slice(0, 7)
    await place.alterSpend('proj_b', period)
    t.same((await verifyLedger(place.ledger.records)).differences, [
      { projectId: 'proj_b', name: `spend ${period} of the project`, found: '956', expected: '955' }
    ])
  })

  drill('a request is found by its id, while it is open and when it has ended', async (t, { ledger }, clock) => {
    const { rid } = await reserve(ledger, clock, 'proj_b')
    t.match(await ledger.records.find(rid), { projectId: 'proj_b', rows: [], open: { rid, costNanoUsd: 1000 } })
    clock.ms += 30_000
    await ledger.reap()
    t.match(await ledger.records.find(rid), { projectId: 'proj_b', rows: [{ kind: 'estimated', seq: 13 }], open: null })
    t.equal(await ledger.records.find(ridAt(clock.ms)), null)
    await ledger.admit(aRequest(ridAt(clock.ms + 300_000), { hit: true }))
    const rows: LedgerRow[] = []
    for await (const { text } of ledger.records.rows('proj_a', 0)) rows.push(parseRow(text))
    for (const row of rows) t.same((await ledger.records.find(row.rid))?.rows, rows.filter(({ rid }) => rid === row.rid))
  })

  drill('archive, wipe, restore: verified clean, and the totals are the same', async (t, place, clock) => {
    const folder = t.testdir()
    const before = await totals(place.ledger, clock)
    t.match(await archiveLedger(place.ledger.records, folder), { rows: 24, files: [/06-15.jsonl$/, /06-16.jsonl$/] })
    const restored = await place.wipe()
    t.same(await restoreLedger(restored, archivedRows(folder), true), { rows: 24, known: 0 })
    t.same(await verifyLedger(restored.records), { projects: 2, rows: 24, differences: [] })
    t.same(await totals(restored, clock), before)
    t.same(await restoreLedger(restored, archivedRows(folder), true), { rows: 24, known: 24 })
    t.same(await totals(restored, clock), before, 'restoring again changes nothing')
    t.same(await archiveLedger(restored.records, folder), { files: [], rows: 0 }, 'what came from an archive is not archived again')
  })

  drill('rows that go on after a wipe keep their place, and the old ones come after them', async (t, place, clock) => {
    const folder = t.testdir()
    await archiveLedger(place.ledger.records, folder)
    const restored = await place.wipe()
    await restored.settle(await reserve(restored, clock, 'proj_a'), anOutcome(1, 1, 1))
    await restoreLedger(restored, archivedRows(folder), true)
    await restoreLedger(restored, archivedRows(folder), true)
    t.same(await verifyLedger(restored.records), { projects: 2, rows: 25, differences: [] })
  })

  drill('all rows that there are go out in one stream and come back', async (t, place, clock) => {
    await place.ledger.settle(await reserve(place.ledger, clock, 'proj_a'), anOutcome(1, 1, 1))
    const lines = await exported(place.ledger)
    const before = await totals(place.ledger, clock)
    t.same(await restoreLedger(place.ledger, rowsOfLines(bare(lines), 'export'), false), { rows: 25, known: 25 })
    const restored = await place.wipe()
    t.same(await restoreLedger(restored, rowsOfLines(bare(lines), 'export'), false), { rows: 25, known: 0 })
    t.same(await totals(restored, clock), before)
    t.same((await verifyLedger(restored.records)).differences, [])
    t.equal((await archiveLedger(restored.records, t.testdir())).rows, 24, 'an export is no archive')
  })

  drill('what the ledger lost of its end comes back, and what it still has is not doubled', async (t, place, clock) => {
    const lines = await exported(place.ledger)
    const before = await totals(place.ledger, clock)
    const behind = await place.wipe()
    const [early, late] = [lines.slice(0, 5), lines.slice(5)]
    await restoreLedger(behind, rowsOfLines(bare(early), 'export'), false)
    t.equal(late.length, 19)
    t.same(await restoreLedger(behind, rowsOfLines(bare(lines), 'export'), false), { rows: 24, known: 5 })
    t.same(await totals(behind, clock), before)
    t.same((await verifyLedger(behind.records)).differences, [])
  })

  drill('what a gateway has said again is not restored a second time', async (t, place, clock) => {
    const said = await reserve(place.ledger, clock, 'proj_a')
    await place.ledger.settle(said, anOutcome(1, 1, 1))
    const lines = await exported(place.ledger)
    const before = await totals(place.ledger, clock)
    const restored = await place.wipe()
    await restored.settle(said, anOutcome(1, 1, 1))
    await restoreLedger(restored, rowsOfLines(bare(lines), 'export'), false)
    t.same(await totals(restored, clock), before)
    t.same(await verifyLedger(restored.records), { projects: 2, rows: 25, differences: [] })
  })

  drill('an export without the rows before it is refused', async (t, place) => {
    const folder = t.testdir()
    await archiveLedger(place.ledger.records, folder)
    await place.ledger.records.trim('proj_b', 4)
    const lines = await exported(place.ledger)
    t.same(await restoreLedger(place.ledger, rowsOfLines(bare(lines), 'export'), false), { rows: 20, known: 20 }, 'trimmed rows are not lost')
    t.same(await restoreLedger(place.ledger, archivedRows(folder), true), { rows: 24, known: 24 })
    const emptied = await place.wipe()
    await t.rejects(restoreLedger(emptied, rowsOfLines(bare(lines), 'export'), false), { name: 'ArchiveError', message: /^proj_b: the rows before 5 were trimmed/ })
  })

  drill('an archive of another ledger is not gone on with', async (t, place, clock) => {
    const folder = t.testdir()
    await archiveLedger(place.ledger.records, folder)
    const other = await place.wipe()
    for (let row = 0; row < 12; row++) await other.settle(await reserve(other, clock, 'proj_a'), anOutcome(1, 1, 1))
    clock.ms += dayMs
    await t.rejects(archiveLedger(other.records, folder), { name: 'ArchiveError', message: /archive into a new folder/ })
  })

  drill('a day is archived when it is over, once, in one chain', async (t, { ledger }, clock) => {
    const folder = t.testdir()
    await ledger.settle(await reserve(ledger, clock, 'proj_a'), anOutcome(1, 1, 1))
    t.match(await archiveLedger(ledger.records, folder), { rows: 24 })
    t.same(await archiveLedger(ledger.records, folder), { files: [], rows: 0 })
    clock.ms += dayMs
    t.match(await archiveLedger(ledger.records, folder), { rows: 1, files: [/06-17.jsonl$/] })
    const rows: string[] = []
    for await (const { projectId, row } of archivedRows(folder)) rows.push(`${projectId} ${row.seq}`)
    t.equal(new Set(rows).size, 25)
  })

  drill('an interrupted archive is neither half there nor doubled', async (t, { ledger }) => {
    const folder = t.testdir()
    const { files } = await archiveLedger(ledger.records, folder)
    // As if the process had died between writing the last file and noting that.
    for (const projectId of ['proj_a', 'proj_b']) await ledger.records.markExported(projectId, 6)
    t.same(await archiveLedger(ledger.records, folder), { files: [], rows: 0 })
    t.equal(await ledger.records.exported('proj_a'), 12)
    t.equal(files.length, 2)
  })

  drill('trimmed rows are proven from the archive, and without them are missed', async (t, { ledger }) => {
    const folder = t.testdir()
    await archiveLedger(ledger.records, folder)
    await trimArchived(ledger.records)
    t.same((await verifyLedger(ledger.records, archivedRows(folder))).differences, [])
    t.match((await verifyLedger(ledger.records)).differences[0], { projectId: 'proj_a', name: 'row 1', found: 'nothing' })
    await ledger.records.trim('proj_a', 1_000)
    const rows: number[] = []
    for await (const { seq } of ledger.records.rows('proj_a', 0)) rows.push(seq)
    t.same(rows, [])
  })

  drill('what no archive holds is never trimmed', async (t, { ledger }) => {
    await ledger.records.trim('proj_a', 5)
    t.same((await verifyLedger(ledger.records)).rows, 24)
  })

  drill('an altered archive is refused', async (t, { ledger, wipe }) => {
    const folder = t.testdir()
    const { files: [first = ''] } = await archiveLedger(ledger.records, folder)
    writeFileSync(first, readFileSync(first, 'utf8').replace('"costNanoUsd":400', '"costNanoUsd":4'))
    await t.rejects(restoreLedger(await wipe(), archivedRows(folder), true), new ArchiveError(`${first.slice(join(folder, '/').length)}:1: the line, or one before it, was changed, dropped or moved`))
  })
}
