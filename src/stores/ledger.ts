import type { Admission } from '../metering/admission.ts'
import type { Amounts } from '../metering/amounts.ts'
import type { StoredRow, StoredSpend } from '../metering/audit.ts'
import type { Settled } from '../metering/book.ts'
import type { LimitView } from '../metering/limits.ts'
import type { AdmitRequest, Reservation } from '../metering/reservation.ts'
import type { LedgerRow, Outcome } from '../metering/row.ts'
import type { LimitRule } from '../metering/rules.ts'
import type { UsagePage, UsageQuery } from '../metering/usage.ts'
import { StoreUnavailableError } from './unavailable.ts'

/** The store forgot what a project with a budget has spent. Nothing is let in until it is restored, or an operator accepts it. */
export class LedgerForgotError extends StoreUnavailableError {
  override readonly name: string = 'LedgerForgotError'

  constructor (projectId: string) {
    super('the ledger', new Error(`the store has forgotten project ${projectId}: restore it from exports, or accept the loss`))
  }
}

/** What happens to a ledger beside requests: for logs, metrics and readiness. */
export type LedgerEvent =
  /** The shared store answers again, or no longer. */
  | { readonly type: 'available' | 'unavailable' }
  /** The shared store lost what it had acknowledged (a failover, a restart); what this replica ended in the last minute was said again. */
  | { readonly type: 'loss', readonly replayed: number }
  /** The shared store is empty, or another one: projects with a budget are refused until it is restored or accepted. */
  | { readonly type: 'forgotten' }
  /** So many endings of a former outage reached the shared store. */
  | { readonly type: 'drained', readonly endings: number }
  | { readonly type: 'warning', readonly message: string }
  | { readonly type: 'error', readonly error: unknown }

export interface LedgerHealth {
  /** False: admissions fail, or are decided by this replica alone. */
  readonly available: boolean
  readonly forgot: boolean
  /** Endings on this replica's disk that the shared store does not have yet. */
  readonly spooled: number
}

/** `spooled`: the store is away; the settlement is on this replica's disk and follows when the store is back. */
export type Settlement = Settled | 'spooled'

/**
 * Who used what, and what may still be used (docs/metering.md).
 *
 * Every admitted request becomes exactly one row, whatever dies, and no limit is exceeded by concurrency or by the number of replicas.
 * Every write is idempotent under its rid. A store that does not answer rejects with StoreUnavailableError: the result is unknown, and
 * the same call may be made again.
 */
export interface Ledger {
  /** Checks every rule and, where all let the request in, reserves for it durably. Rejects with RequestClosedError for a rid that has ended. */
  admit (request: AdmitRequest): Promise<Admission>
  /** What the request really used, after its last byte. */
  settle (reservation: Reservation, outcome: Outcome): Promise<Settlement>
  /** Nothing was consumed; `status` says why. */
  void (reservation: Reservation, status: string): Promise<Settlement>
  /** Bills what the request may have used, until that is known: a settlement that comes later corrects it. */
  estimate (reservation: Reservation, outcome: Outcome): Promise<Settlement>
  /** Extends the leases of requests that go on, and stores what was seen of them: every 10 s. */
  renew (reservations: readonly Reservation[]): Promise<void>
  /** Bills the reservations whose lease ran out by what was last seen of them: every 5 s. Returns how many there were. */
  reap (): Promise<number>
  /** Where the limits stand, without asking for anything. */
  limits (projectId: string, keyId: string, rules: readonly LimitRule[]): Promise<readonly LimitView[]>
  usage (query: UsageQuery): Promise<UsagePage>
  readonly records: LedgerRecords
  health (): LedgerHealth
  /** Lets projects with a budget in again after the store forgot: what was lost is restored, or is never coming back. */
  acceptLoss (): Promise<void>
  close (): Promise<void>
}

/** The sums of one UTC day by the hour, or of one hour by the minute. */
export interface SpanSums {
  /** The project's last row when the sums were read: they contain it, and nothing after it. */
  readonly seq: number
  /** By `cellName`. */
  readonly cells: ReadonlyMap<string, Amounts>
}

/** The counters of one month. */
export interface MonthSums {
  readonly seq: number
  readonly spends: readonly StoredSpend[]
  /** Open reservations that the month pays. */
  readonly open: readonly Reservation[]
}

/** What the ledger has of one request. */
export interface FoundRequest {
  readonly projectId: string
  /** One; two where an estimate was corrected; none yet while it is open. */
  readonly rows: readonly LedgerRow[]
  /** What it has reserved; null when it has ended. */
  readonly open: Reservation | null
}

/** The rows themselves, for whoever proves, exports, archives or trims them. */
export interface ReadableRecords {
  projectIds (): Promise<readonly string[]>
  /** Rows after a number, in their order. */
  rows (projectId: string, after: number): AsyncIterable<StoredRow>
  /** Null: the ledger has nothing of the request, or it is older than its rows are found by (docs/metering.md). */
  find (rid: string): Promise<FoundRequest | null>
  daySums (projectId: string, dayStartMs: number): Promise<SpanSums>
  /** Those of the last three days are kept. */
  hourSums (projectId: string, hourStartMs: number): Promise<SpanSums>
  monthSums (projectId: string, period: string): Promise<MonthSums>
  /** Number of the last row, 0 for none. */
  lastSeq (projectId: string): Promise<number>
  /** Number of the last row that an export holds, 0 for none. */
  exported (projectId: string): Promise<number>
  markExported (projectId: string, seq: number): Promise<void>
  /** Drops rows up to a number that has been exported. The sums stay. */
  trim (projectId: string, upTo: number): Promise<void>
  /** The store's clock, ms. */
  now (): Promise<number>
}

export interface LedgerRecords extends ReadableRecords {
  /** Appends rows of an export, in their order. Rows that were restored before, or whose requests have ended here since, are left out. */
  restore (projectId: string, rows: readonly string[]): Promise<void>
}
