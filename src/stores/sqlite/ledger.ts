import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { admissionOf } from '../../metering/admission.ts'
import type { Admission } from '../../metering/admission.ts'
import { Book } from '../../metering/book.ts'
import { ClosedRequests } from '../../metering/closed.ts'
import type { Ending } from '../../metering/closed.ts'
import type { LimitView } from '../../metering/limits.ts'
import { voided } from '../../metering/outcome.ts'
import { Calendar } from '../../metering/period.ts'
import { decodeReservation } from '../../metering/reservation.ts'
import type { AdmitRequest, Reservation } from '../../metering/reservation.ts'
import { parseRow } from '../../metering/row.ts'
import type { Outcome, RowKind } from '../../metering/row.ts'
import type { LimitRule } from '../../metering/rules.ts'
import type { UsagePage, UsageQuery } from '../../metering/usage.ts'
import type { Ledger, LedgerHealth, LedgerRecords, Settlement } from '../ledger.ts'
import { Database } from './database.ts'
import { LedgerCommits } from './ledger-commits.ts'
import type { Durability } from './ledger-commits.ts'
import { changeOf } from './ledger-journal.ts'
import { lockLedger } from './ledger-lock.ts'
import { LedgerReader } from './ledger-reader.ts'
import { spentSums } from './ledger-reads.ts'
import { SqliteLedgerRecords } from './ledger-records.ts'

export interface SqliteLedgerOptions {
  readonly path: string
  /** Of the months, IANA name. */
  readonly timeZone: string
  readonly durability: Durability
  /** µs since the epoch. */
  readonly clock?: () => number
}

const schema = readFileSync(new URL('./ledger-schema.sql', import.meta.url), 'utf8')
/** How many leases are renewed or reaped in one turn of the event loop. */
const leasesAtOnce = 200
/** How often full buckets and outdated sums are forgotten, µs. */
const tidyMicros = 3_600_000_000

/**
 * The ledger of one process: the book in memory decides, SQLite remembers. Opening it folds what a crash left and takes up the
 * open reservations; they are reaped when their leases run out. Throws when another process has it open.
 */
export class SqliteLedger implements Ledger {
  readonly records: LedgerRecords
  readonly #db: Database
  readonly #unlock: () => void
  readonly #book: Book
  readonly #commits: LedgerCommits
  readonly #reader: LedgerReader
  /** For checkpoints, which commits wait for: beside the reads, of which one may take seconds. */
  readonly #checkpointer: LedgerReader
  readonly #clock: () => number
  #tidyAt: number
  #closed = false

  constructor ({ path, timeZone, durability, clock = systemClock }: SqliteLedgerOptions) {
    mkdirSync(dirname(path), { recursive: true })
    this.#unlock = lockLedger(path)
    this.#db = new Database(path, schema, 'the ledger')
    this.#clock = clock
    this.#tidyAt = clock() + tidyMicros
    this.#reader = new LedgerReader(path)
    this.#checkpointer = new LedgerReader(path)
    this.#commits = new LedgerCommits(this.#db, durability, () => this.#book.takeLimiters(), () => this.#checkpointer.call('checkpoint'))
    const closed = new ClosedRequests(clock() / 1000, rid => this.#endingOf(rid))
    this.#book = new Book(new Calendar(timeZone), closed, entry => { this.#commits.add(changeOf(entry)) })
    this.#commits.recover()
    this.#load()
    this.records = new SqliteLedgerRecords(this.#reader, this.#db, this.#book, this.#commits, clock)
  }

  async admit (request: AdmitRequest): Promise<Admission> {
    // What is refused must not pile up in memory behind a disk that is full.
    if (this.#commits.failed) await this.#commits.committed()
    const admission = admissionOf(request, this.#book.admit(request, this.#clock()))
    if (!admission.admitted) return admission
    try {
      await this.#commits.committed()
      return admission
    } catch (error) {
      if (admission.reservation !== null) this.#retract(admission.reservation)
      throw error
    }
  }

  settle (reservation: Reservation, outcome: Outcome): Promise<Settlement> {
    return this.#end('settled', reservation, outcome)
  }

  void (reservation: Reservation, status: string): Promise<Settlement> {
    return this.#end('void', reservation, voided(status))
  }

  estimate (reservation: Reservation, outcome: Outcome): Promise<Settlement> {
    return this.#end('estimated', reservation, outcome)
  }

  async renew (reservations: readonly Reservation[]): Promise<void> {
    for (let from = 0; from < reservations.length; from += leasesAtOnce) {
      for (const reservation of reservations.slice(from, from + leasesAtOnce)) this.#book.renew(reservation, this.#clock())
      await this.#commits.committed()
    }
  }

  async reap (): Promise<number> {
    await this.#tidy()
    let all = 0
    let reaped: number
    do {
      reaped = this.#book.reap(this.#clock(), leasesAtOnce)
      all += reaped
      await this.#commits.committed()
    } while (reaped === leasesAtOnce)
    return all
  }

  async limits (projectId: string, keyId: string, rules: readonly LimitRule[]): Promise<readonly LimitView[]> {
    return this.#book.limits(projectId, keyId, rules, this.#clock())
  }

  async usage (query: UsageQuery): Promise<UsagePage> {
    this.#commits.fold()
    return this.#reader.call('usage', query)
  }

  health (): LedgerHealth {
    return { available: true, forgot: false, spooled: 0 }
  }

  async acceptLoss (): Promise<void> {
    // One process with one file: there is nothing to compare it with.
  }

  /** Writes down how a request ended that was admitted elsewhere, or may have been. */
  async record (kind: Exclude<RowKind, 'correction'>, reservation: Reservation, outcome: Outcome): Promise<void> {
    this.#book.record(kind, reservation, outcome, this.#clock())
    await this.#commits.committed()
  }

  /** Forgets a reservation that another ledger has taken over. */
  async release (reservation: Reservation): Promise<void> {
    this.#book.release(reservation)
    await this.#commits.committed()
  }

  get openCount (): number {
    return this.#book.openCount
  }

  async close (): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    try {
      this.#commits.fold()
    } finally {
      await this.#reader.close()
      await this.#checkpointer.close()
      await this.#db.close()
      this.#unlock()
    }
  }

  async #end (kind: Exclude<RowKind, 'hit' | 'correction'>, reservation: Reservation, outcome: Outcome): Promise<Settlement> {
    const settled = this.#book.end(kind, reservation, outcome, this.#clock())
    await this.#commits.committed()
    return settled
  }

  /** Forgets, once in a while, what nobody needs any more. */
  async #tidy (): Promise<void> {
    this.#commits.fold()
    const now = this.#clock()
    if (now < this.#tidyAt) return
    this.#tidyAt = now + tidyMicros
    this.#book.sweep(now)
    await this.#reader.call('prune', now / 1000)
  }

  #retract (reservation: Reservation): void {
    if (this.#commits.remove(reservation.rid)) this.#book.retract(reservation, this.#clock())
    else this.#book.end('void', reservation, voided('metering_unavailable'), this.#clock())
  }

  #endingOf (rid: string): Ending | null {
    const row = this.#db.get('SELECT text FROM ledger_rows WHERE rid = ? ORDER BY seq DESC LIMIT 1', rid)
    if (row === null) return null
    const { kind, usage, costNanoUsd } = parseRow(String(row.text))
    return { kind, billed: kind === 'estimated' ? { usage, costNanoUsd } : null }
  }

  #load (): void {
    const now = this.#clock()
    const [{ id: oldest }] = new Calendar('UTC').around(now / 1000)
    for (const { project, seq } of this.#db.all('SELECT project, seq FROM ledger_projects')) {
      this.#book.account(String(project)).seq = Number(seq)
    }
    for (const { project, limiter, tat } of this.#db.all('SELECT project, limiter, CAST(tat AS REAL) AS tat FROM ledger_limiters WHERE tat > ?', now)) {
      this.#book.account(String(project)).setLimiter(String(limiter), Number(tat))
    }
    for (const { project, period, spender, spent } of this.#db.all(`${spentSums} WHERE period >= ?`, oldest)) {
      this.#book.respend(String(project), String(period), String(spender), Number(spent))
    }
    for (const { project, period, expires, text } of this.#db.all('SELECT * FROM ledger_open ORDER BY expires')) {
      this.#book.reopen(decodeReservation(String(project), String(period), String(text)), Number(expires))
    }
  }
}

function systemClock (): number {
  return Date.now() * 1000
}
