import type { ArchivedRow } from '../metering/archive.ts'
import { checkRow, isDifference, SpendTally, Tally } from '../metering/audit.ts'
import type { Difference, StoredRow } from '../metering/audit.ts'
import { mintedAt } from '../metering/reservation.ts'
import { checkOf, textOfRow } from '../metering/row.ts'
import type { LedgerRow } from '../metering/row.ts'
import { dayMs, floorTo, hourMs, hoursKeptMs, minuteMs, minutesKeptMs } from '../metering/usage.ts'
import type { MonthSums, ReadableRecords, SpanSums } from './ledger.ts'
import { firstOf } from './first-of.ts'

export interface VerifyReport {
  readonly projects: number
  readonly rows: number
  /** Empty: every row is whole and in its place, and rows, sums and spend agree. */
  readonly differences: readonly Difference[]
}

/**
 * Proves that Σ rows = sums by the hour = spend, that the rows are whole and without gaps, and that what is reserved is what is open.
 * May run beside writers: sums are compared with the rows up to the one that was the last when they were read.
 * Sums and spend that are so old that stores do not keep them any more prove nothing: of their rows only the texts are looked at.
 * `archive` are the rows of all exports, needed when rows were trimmed. Rejects with ArchiveError when it was altered.
 */
export async function verifyLedger (records: ReadableRecords, archive?: AsyncIterable<ArchivedRow>): Promise<VerifyReport> {
  const projectIds = await records.projectIds()
  const verifications = new Map<string, ProjectVerification>()
  const differences: Difference[] = []
  for await (const { projectId, row } of archive ?? []) {
    const verification = verifications.get(projectId) ?? await ProjectVerification.begin(records, projectId)
    verifications.set(projectId, verification)
    await verification.takeArchived(row)
    if (projectIds.includes(projectId)) continue
    differences.push({ projectId, name: `row ${row.seq}`, found: 'no such project', expected: 'the row of the export' })
  }
  let rows = 0
  for (const projectId of projectIds) {
    const verification = verifications.get(projectId) ?? await ProjectVerification.begin(records, projectId)
    differences.push(...await verification.finish())
    rows += verification.rows
  }
  return { projects: projectIds.length, rows, differences }
}

/** Sums by the minute of older rows may be gone, ms. */
const minutesProven = minutesKeptMs - hourMs
/** Sums by the hour, too, and a month's spend so long after its last row, ms. */
const hoursProven = hoursKeptMs - dayMs

/** A day by the hour, or an hour by the minute. */
interface Span {
  readonly sums: SpanSums
  readonly tally: Tally
}

interface Month {
  readonly sums: MonthSums
  readonly tally: SpendTally
  /** When the newest of its rows was written, ms. */
  newest: number
}

class ProjectVerification {
  rows = 0
  readonly #records: ReadableRecords
  readonly #projectId: string
  /** The first row that the store still has. */
  readonly #firstSeq: number
  /** Sums by the minute are proven from here on, ms. */
  readonly #minutesSince: number
  /** Sums by the hour, from here on, ms. */
  readonly #hoursSince: number
  readonly #differences: Difference[] = []
  readonly #days = new Map<number, Span>()
  readonly #hours = new Map<number, Span>()
  readonly #months = new Map<string, Month>()
  #lastSeq = 0

  private constructor (records: ReadableRecords, projectId: string, firstSeq: number, now: number) {
    this.#minutesSince = now - minutesProven
    this.#hoursSince = now - hoursProven
    this.#records = records
    this.#projectId = projectId
    this.#firstSeq = firstSeq
  }

  static async begin (records: ReadableRecords, projectId: string): Promise<ProjectVerification> {
    const first = await firstOf(records.rows(projectId, 0))
    return new ProjectVerification(records, projectId, first?.seq ?? Infinity, await records.now())
  }

  /** A row that the store may have trimmed. */
  async takeArchived (row: LedgerRow): Promise<void> {
    if (row.seq < this.#firstSeq) await this.#take(asStored(row))
  }

  async finish (): Promise<Difference[]> {
    const last = await this.#records.lastSeq(this.#projectId)
    for await (const row of this.#records.rows(this.#projectId, 0)) await this.#take(row)
    if (this.#lastSeq < last) this.#differences.push({ projectId: this.#projectId, name: `row ${this.#lastSeq + 1}`, found: 'nothing', expected: `rows up to ${last}` })
    for (const { sums, tally } of [...this.#days.values(), ...this.#hours.values()]) this.#differences.push(...tally.differences(this.#projectId, sums.cells))
    for (const [period, { sums, tally, newest }] of this.#months) {
      if (sums.spends.length === 0 && newest < this.#hoursSince) continue
      for (const reservation of sums.open) tally.addOpen(reservation)
      this.#differences.push(...tally.differences(this.#projectId, period, sums.spends))
    }
    return this.#differences
  }

  async #take (stored: StoredRow): Promise<void> {
    const row = checkRow(this.#projectId, stored, this.#lastSeq + 1)
    this.#lastSeq = stored.seq
    this.rows++
    if (isDifference(row)) {
      this.#differences.push(row)
      return
    }
    const minted = mintedAt(row.rid)
    if (floorTo(minted, dayMs) >= this.#hoursSince) {
      const day = await spanAt(this.#days, floorTo(minted, dayMs), start => this.#records.daySums(this.#projectId, start))
      if (row.seq <= day.sums.seq) day.tally.addRow(row, hourMs)
    }
    if (floorTo(minted, hourMs) >= this.#minutesSince) {
      const hour = await spanAt(this.#hours, floorTo(minted, hourMs), start => this.#records.hourSums(this.#projectId, start))
      if (row.seq <= hour.sums.seq) hour.tally.addRow(row, minuteMs)
    }
    const month = await this.#monthOf(row.period)
    month.newest = Math.max(month.newest, row.at)
    if (row.seq <= month.sums.seq) month.tally.addRow(row)
  }

  async #monthOf (period: string): Promise<Month> {
    const month = this.#months.get(period) ?? { sums: await this.#records.monthSums(this.#projectId, period), tally: new SpendTally(), newest: 0 }
    this.#months.set(period, month)
    return month
  }
}

async function spanAt (spans: Map<number, Span>, start: number, read: (start: number) => Promise<SpanSums>): Promise<Span> {
  const span = spans.get(start) ?? { sums: await read(start), tally: new Tally() }
  spans.set(start, span)
  return span
}

function asStored (row: LedgerRow): StoredRow {
  const text = textOfRow(row)
  return { seq: row.seq, text, check: checkOf(text) }
}
