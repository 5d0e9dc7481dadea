import type { StoredRow } from '../../metering/audit.ts'
import type { Book } from '../../metering/book.ts'
import { parseRow } from '../../metering/row.ts'
import type { DaySums, LedgerRecords, MonthSums } from '../ledger.ts'
import type { Database } from './database.ts'
import type { LedgerCommits } from './ledger-commits.ts'
import type { LedgerReader } from './ledger-reader.ts'

const rowsAtOnce = 1000

/** The rows in SQLite. What is only in the journal yet is folded before anything is read. */
export class SqliteLedgerRecords implements LedgerRecords {
  readonly #reader: LedgerReader
  readonly #db: Database
  readonly #book: Book
  readonly #commits: LedgerCommits
  readonly #clock: () => number

  constructor (reader: LedgerReader, db: Database, book: Book, commits: LedgerCommits, clock: () => number) {
    this.#reader = reader
    this.#db = db
    this.#book = book
    this.#commits = commits
    this.#clock = clock
  }

  async projectIds (): Promise<readonly string[]> {
    this.#commits.fold()
    return this.#reader.call('projectIds')
  }

  async * rows (projectId: string, after: number): AsyncGenerator<StoredRow, void> {
    this.#commits.fold()
    for (let last = after, rows: StoredRow[]; ; last = rows.at(-1)?.seq ?? last) {
      rows = await this.#reader.call('rows', projectId, last, rowsAtOnce)
      yield * rows
      if (rows.length < rowsAtOnce) return
    }
  }

  async daySums (projectId: string, dayStartMs: number): Promise<DaySums> {
    this.#commits.fold()
    return this.#reader.call('daySums', projectId, dayStartMs)
  }

  async monthSums (projectId: string, period: string): Promise<MonthSums> {
    this.#commits.fold()
    return this.#reader.call('monthSums', projectId, period)
  }

  async lastSeq (projectId: string): Promise<number> {
    this.#commits.fold()
    return this.#reader.call('lastSeq', projectId)
  }

  async exported (projectId: string): Promise<number> {
    return this.#reader.call('exported', projectId)
  }

  async markExported (projectId: string, seq: number): Promise<void> {
    await this.#reader.call('markExported', projectId, seq)
  }

  async trim (projectId: string, upTo: number): Promise<void> {
    await this.#reader.call('trim', projectId, upTo)
  }

  async restore (projectId: string, rows: readonly string[]): Promise<void> {
    const restored = Number(this.#db.get('SELECT restored FROM ledger_projects WHERE project = ?', projectId)?.restored ?? 0)
    const missing = rows.map(parseRow).filter(({ seq }) => seq > restored)
    const last = missing.at(-1)
    if (last === undefined) return
    for (const row of missing) this.#book.restore(projectId, row, this.#clock())
    this.#commits.fold()
    this.#db.run('UPDATE ledger_projects SET restored = ? WHERE project = ?', last.seq, projectId)
  }

  async now (): Promise<number> {
    return Math.floor(this.#clock() / 1000)
  }
}
