import type { StoredRow } from '../../metering/audit.ts'
import type { FoundRequest, MonthSums, ReadableRecords, SpanSums } from '../ledger.ts'
import type { LedgerReader } from './ledger-reader.ts'

const rowsAtOnce = 1000

/** The rows in SQLite, read in another thread. `refresh` brings the tables up to date before they are read. */
export class SqliteLedgerView implements ReadableRecords {
  readonly #reader: LedgerReader
  readonly #refresh: () => void
  readonly #clock: () => number

  /** `clock` is in µs. */
  constructor (reader: LedgerReader, refresh: () => void, clock: () => number) {
    this.#reader = reader
    this.#refresh = refresh
    this.#clock = clock
  }

  async projectIds (): Promise<readonly string[]> {
    this.#refresh()
    return this.#reader.call('projectIds')
  }

  async * rows (projectId: string, after: number): AsyncGenerator<StoredRow, void> {
    this.#refresh()
    for (let last = after, rows: StoredRow[]; ; last = rows.at(-1)?.seq ?? last) {
      rows = await this.#reader.call('rows', projectId, last, rowsAtOnce)
      yield * rows
      if (rows.length < rowsAtOnce) return
    }
  }

  async find (rid: string): Promise<FoundRequest | null> {
    this.#refresh()
    return this.#reader.call('find', rid)
  }

  async daySums (projectId: string, dayStartMs: number): Promise<SpanSums> {
    this.#refresh()
    return this.#reader.call('daySums', projectId, dayStartMs)
  }

  async hourSums (projectId: string, hourStartMs: number): Promise<SpanSums> {
    this.#refresh()
    return this.#reader.call('hourSums', projectId, hourStartMs)
  }

  async monthSums (projectId: string, period: string): Promise<MonthSums> {
    this.#refresh()
    return this.#reader.call('monthSums', projectId, period)
  }

  async lastSeq (projectId: string): Promise<number> {
    this.#refresh()
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

  async now (): Promise<number> {
    return Math.floor(this.#clock() / 1000)
  }
}
