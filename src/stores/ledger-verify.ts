import { checkRow, hourOf, isDifference, SpendTally, Tally } from '../metering/audit.ts'
import type { Difference, StoredRow } from '../metering/audit.ts'
import { checkOf, rowTail, rowText } from '../metering/row.ts'
import type { LedgerRow } from '../metering/row.ts'
import { dayMs, floorTo } from '../metering/usage.ts'
import type { DaySums, LedgerRecords, MonthSums } from './ledger.ts'

export interface VerifyReport {
  readonly projects: number
  readonly rows: number
  /** Empty: every row is whole and in its place, and rows, sums and spend agree. */
  readonly differences: readonly Difference[]
}

/** Rows of a project that have been trimmed, from exports, in their order. */
export type Archived = (projectId: string) => AsyncIterable<LedgerRow> | Iterable<LedgerRow>

const nothingArchived: Archived = () => []

/**
 * Proves that Σ rows = sums by the hour = spend, that the rows are whole and without gaps, and that what is reserved is what is open.
 * May run beside writers: sums are compared with the rows up to the one that was the last when they were read.
 */
export async function verifyLedger (records: LedgerRecords, archived: Archived = nothingArchived): Promise<VerifyReport> {
  const differences: Difference[] = []
  const projectIds = await records.projectIds()
  let rows = 0
  for (const projectId of projectIds) {
    const project = new ProjectVerification(records, projectId)
    await project.run(archived)
    rows += project.rows
    differences.push(...project.differences)
  }
  return { projects: projectIds.length, rows, differences }
}

interface Day {
  readonly sums: DaySums
  readonly tally: Tally
}

interface Month {
  readonly sums: MonthSums
  readonly tally: SpendTally
}

class ProjectVerification {
  rows = 0
  readonly differences: Difference[] = []
  readonly #records: LedgerRecords
  readonly #projectId: string
  readonly #days = new Map<number, Day>()
  readonly #months = new Map<string, Month>()
  #lastSeq = 0

  constructor (records: LedgerRecords, projectId: string) {
    this.#records = records
    this.#projectId = projectId
  }

  async run (archived: Archived): Promise<void> {
    for await (const row of archived(this.#projectId)) await this.#take(asStored(row))
    for await (const row of this.#records.rows(this.#projectId, this.#lastSeq)) await this.#take(row)
    for (const { sums, tally } of this.#days.values()) this.differences.push(...tally.differences(this.#projectId, sums.cells))
    for (const [period, { sums, tally }] of this.#months) {
      for (const reservation of sums.open) tally.addOpen(reservation)
      this.differences.push(...tally.differences(this.#projectId, period, sums.spends))
    }
  }

  async #take (stored: StoredRow): Promise<void> {
    const row = checkRow(this.#projectId, stored, this.#lastSeq + 1)
    this.#lastSeq = stored.seq
    this.rows++
    if (isDifference(row)) {
      this.differences.push(row)
      return
    }
    const day = await this.#dayOf(row)
    if (row.seq <= day.sums.seq) day.tally.addRow(row)
    const month = await this.#monthOf(row.period)
    if (row.seq <= month.sums.seq) month.tally.addRow(row)
  }

  async #dayOf (row: LedgerRow): Promise<Day> {
    const start = floorTo(hourOf(row), dayMs)
    const day = this.#days.get(start) ?? { sums: await this.#records.daySums(this.#projectId, start), tally: new Tally() }
    this.#days.set(start, day)
    return day
  }

  async #monthOf (period: string): Promise<Month> {
    const month = this.#months.get(period) ?? { sums: await this.#records.monthSums(this.#projectId, period), tally: new SpendTally() }
    this.#months.set(period, month)
    return month
  }
}

function asStored (row: LedgerRow): StoredRow {
  const text = rowText(row.seq, row.at, rowTail(row.kind, row, row))
  return { seq: row.seq, text, check: checkOf(text) }
}
