import { Account } from './account.ts'
import type { Limiter, LimiterState } from './account.ts'
import { reservationOf } from './admission.ts'
import type { Decision } from './admission.ts'
import type { ClosedRequests, Ending } from './closed.ts'
import { denialOf, effectsOf, viewOf } from './limits.ts'
import type { LimitView } from './limits.ts'
import { correctionOf, hitOutcome, presumed } from './outcome.ts'
import { OpenRequests } from './open-requests.ts'
import type { Calendar } from './period.ts'
import { postingOf, refundsOf } from './posting.ts'
import type { Posting } from './posting.ts'
import { dedupeHorizonMs, demandOf, leaseMs, mintedAt, reservationOfRow } from './reservation.ts'
import type { AdmitRequest, Reservation } from './reservation.ts'
import { rowText } from './row.ts'
import type { LedgerRow, Outcome, RowKind } from './row.ts'
import type { LimitRule } from './rules.ts'

/** What must be written down before the outside may know of it. */
export type Entry =
  | { readonly type: 'open', readonly reservation: Reservation, readonly expiresMs: number }
  | { readonly type: 'release', readonly reservation: Reservation }
  | { readonly type: 'row', readonly posting: Posting, readonly seq: number, readonly text: string }

/**
 * - `recorded`: it is a row now.
 * - `corrected`: the lease had run out and been billed by estimate; a correction row makes it right.
 * - `repeated`: it had its row already; nothing changed.
 * - `tombstone`: a void of a request that was never admitted; a late admission of it will be refused.
 * - `stale`: older than the store remembers requests, and not open: it could be a row already. Nothing changed.
 */
export type Settled = 'recorded' | 'corrected' | 'repeated' | 'tombstone' | 'stale'

/**
 * The whole state machine of metering in memory, for one process: every project's limiters, money and open reservations.
 * Each change is handed to `record` as it is made. `src/stores/redis/*.lua` do the same for many processes; a property test
 * drives both with the same histories.
 */
export class Book {
  readonly #calendar: Calendar
  readonly #closed: ClosedRequests
  readonly #record: (entry: Entry) => void
  readonly #accounts = new Map<string, Account>()
  readonly #changedLimiters: Limiter[] = []
  readonly #open = new OpenRequests()
  /** Spent and reserved by all projects together, a month. */
  readonly #total = new Map<string, number>()

  constructor (calendar: Calendar, closed: ClosedRequests, record: (entry: Entry) => void) {
    this.#calendar = calendar
    this.#closed = closed
    this.#record = record
  }

  /** Decides about a request and, where it may go on, reserves for it. `now` is µs. */
  admit (request: AdmitRequest, now: number): Decision {
    const period = this.#calendar.at(now / 1000)
    const { rid, keyId, rules } = request
    const states = this.#statesOf(request.projectId, keyId, rules, period.id)
    const reopened = this.#open.get(rid)?.reservation
    const paidBy = reopened?.period ?? period.id
    const known = reopened === undefined ? this.#verdictOnEnded(request) : 'repeated'
    if (known !== null) return { verdict: known, now, period, paidBy, states }
    const demand = demandOf(request)
    const effects = effectsOf(rules, demand, states, now)
    if (denialOf(rules, effects, states, now, period.end) !== null) return { verdict: 'denied', now, period, paidBy, states, effects }
    this.account(request.projectId).charge(rules, keyId, effects)
    const reservation = reservationOf(request, demand, effects, { verdict: 'admitted', paidBy, states })
    if (demand.hit) this.#post(postingOf('hit', reservation, hitOutcome), now)
    else this.#reserve(reservation, now)
    return { verdict: 'admitted', now, period, paidBy, states, effects, reservation }
  }

  /** Ends a request. An estimate is the last word only until a settlement comes. */
  end (kind: Exclude<RowKind, 'hit' | 'correction'>, reservation: Reservation, outcome: Outcome, now: number): Settled {
    const { rid } = reservation
    const ending = this.#closed.find(rid)
    if (ending !== null) return kind === 'estimated' ? 'repeated' : this.#afterwards(ending, reservation, outcome, now)
    if (!this.#open.has(rid)) {
      if (kind === 'void') {
        this.#closed.add(rid, { kind, billed: null }, now / 1000)
        return 'tombstone'
      }
      if (mintedAt(rid) < now / 1000 - dedupeHorizonMs) return 'stale'
    }
    const posting = postingOf(kind, reservation, outcome)
    this.#close(posting, now)
    return 'recorded'
  }

  /** Ends a request that need not have been admitted here, once; an estimate is corrected. */
  record (kind: Exclude<RowKind, 'correction'>, reservation: Reservation, outcome: Outcome, now: number): void {
    const ending = this.#closed.find(reservation.rid)
    if (ending === null) this.#close(postingOf(kind, reservation, outcome), now)
    else this.#afterwards(ending, reservation, outcome, now)
  }

  /** Extends the lease of a request that goes on. A lease that was lost is taken again, unless the request has ended: then false. */
  renew (reservation: Reservation, now: number): boolean {
    if (this.#open.has(reservation.rid)) {
      this.#lease(reservation, now)
      return true
    }
    if (this.#closed.find(reservation.rid) !== null) return false
    this.#reserve(reservation, now)
    return true
  }

  /** Turns up to `limit` reservations whose lease ran out into estimated rows. Returns how many. */
  reap (now: number, limit: number): number {
    const expired = this.#open.expired(now / 1000, limit)
    for (const { reservation } of expired) this.#close(postingOf('estimated', reservation, presumed(reservation)), now)
    return expired.length
  }

  /** Where the limits stand. */
  limits (projectId: string, keyId: string, rules: readonly LimitRule[], now: number): LimitView[] {
    const { id, end } = this.#calendar.at(now / 1000)
    const states = this.#statesOf(projectId, keyId, rules, id)
    return rules.map((rule, index) => viewOf(rule, states[index] ?? 0, now, end, false))
  }

  /** Takes back an admission that could not be written down, as if it had never been asked for. */
  retract (reservation: Reservation, now: number): void {
    if (!this.#open.has(reservation.rid)) return
    this.#release(reservation)
    this.account(reservation.projectId).refund(refundsOf(postingOf('void', reservation, hitOutcome)), now)
  }

  /** Lets go of a reservation without a row: another ledger has one. */
  release (reservation: Reservation): void {
    if (!this.#open.has(reservation.rid)) return
    this.#release(reservation)
    this.#record({ type: 'release', reservation })
  }

  account (projectId: string): Account {
    let account = this.#accounts.get(projectId)
    if (account === undefined) {
      account = new Account(projectId, this.#changedLimiters)
      this.#accounts.set(projectId, account)
    }
    return account
  }

  /** Puts back what was open when the process before this one ended. */
  reopen (reservation: Reservation, expiresMs: number): void {
    this.#open.set(reservation.rid, { reservation, expiresMs })
    this.account(reservation.projectId).reserve(reservation)
    this.#addTotal(reservation.period, reservation.costNanoUsd)
  }

  /** Puts back what a month had cost when the process before this one ended. `spender`: a key, or `''` for the project. */
  respend (projectId: string, period: string, spender: string, costNanoUsd: number): void {
    this.account(projectId).addSpent(period, spender, costNanoUsd)
    if (spender === '') this.#addTotal(period, costNanoUsd)
  }

  /** Writes a row of an export again, with the next number, unless the request has ended here since. In an older state it may be open. */
  restore (projectId: string, row: LedgerRow, now: number): void {
    const ending = this.#closed.find(row.rid)
    if (ending !== null && !(row.kind === 'correction' && ending.kind === 'estimated')) return
    const open = this.#open.get(row.rid)
    if (open !== null) this.#release(open.reservation)
    this.#post(postingOf(row.kind, reservationOfRow(projectId, row), row), now, row.at)
  }

  /** The limiters that changed since they were last asked for, as they are now: to be written down with the entries since then. */
  takeLimiters (): LimiterState[] {
    return this.#changedLimiters.splice(0).map(limiter => {
      limiter.clean = true
      return [limiter.projectId, limiter.name, limiter.tat]
    })
  }

  get openCount (): number {
    return this.#open.size
  }

  sweep (now: number): void {
    const [{ id: oldest }] = this.#calendar.around(now / 1000)
    for (const account of this.#accounts.values()) account.sweep(now, oldest)
    for (const period of this.#total.keys()) {
      if (period < oldest) this.#total.delete(period)
    }
  }

  #statesOf (projectId: string, keyId: string, rules: readonly LimitRule[], period: string): number[] {
    const account = this.account(projectId)
    return rules.map(rule => rule.scope === 'organization' ? this.#total.get(period) ?? 0 : account.stateOf(rule, keyId, period))
  }

  #verdictOnEnded ({ rid, hit = false }: AdmitRequest): 'repeated' | 'closed' | null {
    const ending = this.#closed.find(rid)
    if (ending === null) return null
    return hit && ending.kind === 'hit' ? 'repeated' : 'closed'
  }

  #afterwards ({ kind, billed }: Ending, reservation: Reservation, outcome: Outcome, now: number): Settled {
    if (kind !== 'estimated' || billed === null) return 'repeated'
    this.#post(postingOf('correction', reservation, correctionOf(billed, outcome)), now)
    return 'corrected'
  }

  #reserve (reservation: Reservation, now: number): void {
    this.account(reservation.projectId).reserve(reservation)
    this.#addTotal(reservation.period, reservation.costNanoUsd)
    this.#lease(reservation, now)
  }

  #lease (reservation: Reservation, now: number): void {
    const expiresMs = Math.floor(now / 1000) + leaseMs
    this.#open.set(reservation.rid, { reservation, expiresMs })
    this.#record({ type: 'open', reservation, expiresMs })
  }

  #close (posting: Posting, now: number): void {
    // Whoever ends it may know less of it than was reserved.
    const open = this.#open.get(posting.reservation.rid)
    if (open !== null) {
      this.#release(open.reservation)
      this.account(posting.reservation.projectId).refund(refundsOf(posting), now)
    }
    this.#post(posting, now)
  }

  #release (reservation: Reservation): void {
    this.#open.delete(reservation.rid)
    this.account(reservation.projectId).release(reservation)
    this.#addTotal(reservation.period, -reservation.costNanoUsd)
  }

  #post (posting: Posting, now: number, at = Math.floor(now / 1000)): void {
    const { kind, reservation: { rid, projectId, period, keyId }, outcome, costNanoUsd } = posting
    const account = this.account(projectId)
    account.spend(period, keyId, costNanoUsd)
    this.#addTotal(period, costNanoUsd)
    const seq = ++account.seq
    this.#closed.add(rid, { kind, billed: kind === 'estimated' ? outcome : null }, now / 1000)
    this.#record({ type: 'row', posting, seq, text: rowText(seq, at, posting.tail) })
  }

  #addTotal (period: string, costNanoUsd: number): void {
    this.#total.set(period, (this.#total.get(period) ?? 0) + costNanoUsd)
  }
}
