import type { Book } from '../../metering/book.ts'
import { parseRow } from '../../metering/row.ts'
import type { LedgerRecords } from '../ledger.ts'
import type { Database } from './database.ts'
import type { LedgerCommits } from './ledger-commits.ts'
import type { LedgerReader } from './ledger-reader.ts'
import { SqliteLedgerView } from './ledger-view.ts'

/** The rows of the process that writes them. What is only in the journal yet is folded before anything is read. */
export class SqliteLedgerRecords extends SqliteLedgerView implements LedgerRecords {
  readonly #db: Database
  readonly #book: Book
  readonly #commits: LedgerCommits
  readonly #clock: () => number

  constructor (reader: LedgerReader, db: Database, book: Book, commits: LedgerCommits, clock: () => number) {
    super(reader, () => { commits.fold() }, clock)
    this.#db = db
    this.#book = book
    this.#commits = commits
    this.#clock = clock
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
}
