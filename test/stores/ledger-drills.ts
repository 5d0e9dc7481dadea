import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { ArchiveError } from '../../src/metering/archive.ts'
import type { Reservation } from '../../src/metering/reservation.ts'
import { archivedRows, exportLedger, restoreLedger, trimExported } from '../../src/stores/ledger-export.ts'
import { verifyLedger } from '../../src/stores/ledger-verify.ts'
import type { Ledger } from '../../src/stores/ledger.ts'
import { aRequest, anOutcome, aRule, ridAt } from '../helpers/metering.ts'
import { TestClock } from './ledger-contract.ts'

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

  drill('one altered spend counter is named', async (t, place, clock) => {
    const period = new Date(clock.ms).toISOString().slice(0, 7)
    await place.alterSpend('proj_b', period)
    t.same((await verifyLedger(place.ledger.records)).differences, [
      { projectId: 'proj_b', name: `spend ${period} of the project`, found: '956', expected: '955' }
    ])
  })

  drill('export, wipe, restore: verified clean, and the totals are the same', async (t, place, clock) => {
    const folder = t.testdir()
    const before = await totals(place.ledger, clock)
    t.match(await exportLedger(place.ledger.records, folder), { rows: 24, files: [/06-15.jsonl$/, /06-16.jsonl$/] })
    const restored = await place.wipe()
    t.equal(await restoreLedger(restored, folder), 24)
    t.same(await verifyLedger(restored.records), { projects: 2, rows: 24, differences: [] })
    t.same(await totals(restored, clock), before)
    await restoreLedger(restored, folder)
    t.same(await totals(restored, clock), before, 'restoring again changes nothing')
    t.same(await exportLedger(restored.records, folder), { files: [], rows: 0 }, 'what came from exports is not exported again')
  })

  drill('rows that go on after a wipe keep their place, and the old ones come after them', async (t, place, clock) => {
    const folder = t.testdir()
    await exportLedger(place.ledger.records, folder)
    const restored = await place.wipe()
    await restored.settle(await reserve(restored, clock, 'proj_a'), anOutcome(1, 1, 1))
    await restoreLedger(restored, folder)
    t.same(await verifyLedger(restored.records), { projects: 2, rows: 25, differences: [] })
  })

  drill('a day is exported when it is over, once, in one chain', async (t, { ledger }, clock) => {
    const folder = t.testdir()
    await ledger.settle(await reserve(ledger, clock, 'proj_a'), anOutcome(1, 1, 1))
    t.match(await exportLedger(ledger.records, folder), { rows: 24 })
    t.same(await exportLedger(ledger.records, folder), { files: [], rows: 0 })
    clock.ms += dayMs
    t.match(await exportLedger(ledger.records, folder), { rows: 1, files: [/06-17.jsonl$/] })
    const rows: string[] = []
    for await (const { projectId, row } of archivedRows(folder)) rows.push(`${projectId} ${row.seq}`)
    t.equal(new Set(rows).size, 25)
  })

  drill('an interrupted export is neither half there nor doubled', async (t, { ledger }) => {
    const folder = t.testdir()
    const { files } = await exportLedger(ledger.records, folder)
    // As if the process had died between writing the last file and noting that.
    for (const projectId of ['proj_a', 'proj_b']) await ledger.records.markExported(projectId, 6)
    t.same(await exportLedger(ledger.records, folder), { files: [], rows: 0 })
    t.equal(await ledger.records.exported('proj_a'), 12)
    t.equal(files.length, 2)
  })

  drill('trimmed rows are proven from the exports, and without them are missed', async (t, { ledger }) => {
    const folder = t.testdir()
    await exportLedger(ledger.records, folder)
    await trimExported(ledger.records)
    t.same((await verifyLedger(ledger.records, archivedRows(folder))).differences, [])
    t.match((await verifyLedger(ledger.records)).differences[0], { projectId: 'proj_a', name: 'row 1', found: 'nothing' })
    await ledger.records.trim('proj_a', 1_000)
    const rows: number[] = []
    for await (const { seq } of ledger.records.rows('proj_a', 0)) rows.push(seq)
    t.same(rows, [])
  })

  drill('what no export holds is never trimmed', async (t, { ledger }) => {
    await ledger.records.trim('proj_a', 5)
    t.same((await verifyLedger(ledger.records)).rows, 24)
  })

  drill('an altered export is refused', async (t, { ledger, wipe }) => {
    const folder = t.testdir()
    const { files: [first = ''] } = await exportLedger(ledger.records, folder)
    writeFileSync(first, readFileSync(first, 'utf8').replace('"costNanoUsd":400', '"costNanoUsd":4'))
    await t.rejects(restoreLedger(await wipe(), folder), new ArchiveError(`${first.slice(join(folder, '/').length)}:1: the line, or one before it, was changed, dropped or moved`))
  })
}
