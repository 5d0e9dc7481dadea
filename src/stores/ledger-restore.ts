import { ArchiveError } from '../metering/archive.ts'
import type { ArchivedRow } from '../metering/archive.ts'
import type { StoredRow } from '../metering/audit.ts'
import { textOfRow } from '../metering/row.ts'
import type { LedgerRow } from '../metering/row.ts'
import type { Ledger, LedgerRecords } from './ledger.ts'

export interface RestoreReport {
  /** Rows that were read. */
  readonly rows: number
  /** Those of them that the ledger still had. */
  readonly known: number
}

/** Rows restored in one call. */
const restoredAtOnce = 500

/**
 * Puts back what the ledger lost: rows, sums and spend; then lets projects with a budget in again. The ledger may be empty, be in an
 * older state, or have gone on since: rows that it still has are left alone. May be run again after it was interrupted.
 * `archived`: the rows are those of an archive, which need not be archived again.
 * Rejects with ArchiveError when the rows are not as they were written, or older ones are missing.
 */
export async function restoreLedger (ledger: Pick<Ledger, 'records' | 'acceptLoss'>, lost: AsyncIterable<ArchivedRow>, archived: boolean): Promise<RestoreReport> {
  const { records } = ledger
  const projects = new Map<string, ProjectRestore>()
  let rows = 0
  for await (const { projectId, row } of lost) {
    const project = projects.get(projectId) ?? new ProjectRestore(records, projectId, await KnownRows.begin(records, projectId, row.seq))
    projects.set(projectId, project)
    await project.take(row)
    rows++
  }
  let known = 0
  for (const project of projects.values()) {
    await project.finish(archived)
    known += project.known
  }
  if (rows > 0) await ledger.acceptLoss()
  return { rows, known }
}

class ProjectRestore {
  known = 0
  readonly #records: LedgerRecords
  readonly #projectId: string
  readonly #knownRows: KnownRows
  #waiting: string[] = []
  #lastSeq = 0

  constructor (records: LedgerRecords, projectId: string, knownRows: KnownRows) {
    this.#records = records
    this.#projectId = projectId
    this.#knownRows = knownRows
  }

  async take (row: LedgerRow): Promise<void> {
    this.#lastSeq = row.seq
    if (await this.#knownRows.has(row)) this.known++
    else this.#waiting.push(textOfRow(row))
    if (this.#waiting.length >= restoredAtOnce) await this.#write()
  }

  async finish (archived: boolean): Promise<void> {
    await this.#knownRows.end()
    await this.#write()
    const sameNumbers = await this.#records.lastSeq(this.#projectId) === this.#lastSeq
    if (archived && sameNumbers) await this.#records.markExported(this.#projectId, this.#lastSeq)
  }

  async #write (): Promise<void> {
    if (this.#waiting.length > 0) await this.#records.restore(this.#projectId, this.#waiting)
    this.#waiting = []
  }
}

/** What a project's ledger still has, asked row by row. From the first difference on, all was lost. */
class KnownRows {
  readonly #stored: AsyncIterator<StoredRow>
  #next: StoredRow | null
  /** Rows before this one were trimmed, not lost. */
  readonly #firstSeq: number

  private constructor (stored: AsyncIterator<StoredRow>, next: StoredRow | null, firstSeq: number) {
    this.#stored = stored
    this.#next = next
    this.#firstSeq = firstSeq
  }

  /** `firstSeq` is the first row that will be asked for. Rejects with ArchiveError when neither side has the rows before it. */
  static async begin (records: LedgerRecords, projectId: string, firstSeq: number): Promise<KnownRows> {
    const lastSeq = await records.lastSeq(projectId)
    if (lastSeq < firstSeq - 1) throw new ArchiveError(`${projectId}: the rows before ${firstSeq} were trimmed when this was exported. Restore the archive that has them first`)
    const stored = records.rows(projectId, 0)[Symbol.asyncIterator]()
    const next = await nextOf(stored)
    return new KnownRows(stored, next, next?.seq ?? lastSeq + 1)
  }

  async has (row: LedgerRow): Promise<boolean> {
    if (row.seq < this.#firstSeq) return true
    while (this.#next !== null && this.#next.seq < row.seq) this.#next = await nextOf(this.#stored)
    if (this.#next?.text === textOfRow(row)) return true
    this.#next = null
    return false
  }

  async end (): Promise<void> {
    await this.#stored.return?.()
  }
}

async function nextOf (stored: AsyncIterator<StoredRow>): Promise<StoredRow | null> {
  const next = await stored.next()
  return next.done === true ? null : next.value
}
