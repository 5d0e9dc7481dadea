import { once } from 'node:events'
import { admissionOf, reservationOf } from '../../metering/admission.ts'
import type { Admission, Decision } from '../../metering/admission.ts'
import type { Settled } from '../../metering/book.ts'
import { effectsOf } from '../../metering/limits.ts'
import type { LimitView } from '../../metering/limits.ts'
import { hitOutcome, voided } from '../../metering/outcome.ts'
import { demandOf } from '../../metering/reservation.ts'
import type { AdmitRequest, Reservation } from '../../metering/reservation.ts'
import { parseRow } from '../../metering/row.ts'
import type { Outcome } from '../../metering/row.ts'
import type { LimitRule } from '../../metering/rules.ts'
import type { UsagePage, UsageQuery } from '../../metering/usage.ts'
import { LedgerForgotError } from '../ledger.ts'
import type { Ledger, LedgerEvent, LedgerHealth } from '../ledger.ts'
import { StoreUnavailableError } from '../unavailable.ts'
import { connectRedis } from './client.ts'
import type { RedisClient } from './client.ts'
import { Gate } from './gate.ts'
import { Admissions } from './ledger-admissions.ts'
import { LedgerClock } from './ledger-clock.ts'
import { isBudgeted } from './ledger-calls.ts'
import { Endings } from './ledger-endings.ts'
import { LedgerLeases } from './ledger-leases.ts'
import { LedgerLimits } from './ledger-limits.ts'
import { RedisLedgerRecords } from './ledger-records.ts'
import { LedgerRegistry } from './ledger-registry.ts'
import type { RegistryOptions } from './ledger-registry.ts'
import type { Said } from './ledger-ring.ts'
import { defineScripts, readScripts } from './ledger-scripts.ts'
import type { ScriptTexts } from './ledger-scripts.ts'
import { OrganizationTotal } from './ledger-total.ts'
import { LedgerWatch } from './ledger-watch.ts'

export interface RedisLedgerOptions extends RegistryOptions {
  /** `redis://…` in any of its forms. */
  readonly address: string
  /** Of the months, IANA name. */
  readonly timeZone: string
  readonly onEvent: (event: LedgerEvent) => void
  /** Keep the ledger even in a Redis that drops keys when its memory is full. */
  readonly allowEviction?: boolean
  /** Called when Redis lost what it had acknowledged: whatever this replica has under way or kept back is to be said again, too. */
  readonly onCatchUp?: () => Promise<void>
  /** How old the organization's total may be when it is used, ms. */
  readonly totalMaxAge?: number
  /** For tests: what the scripts are to take for their clock, µs. */
  readonly clock?: () => number
  /** For tests: other scripts. */
  readonly scripts?: ScriptTexts
}

const admitTimeout = 250
const settleTimeout = 1000
const readTimeout = 10_000
const defaultTotalMaxAge = 1000

/**
 * The ledger of many processes. Three connections, for a settlement must not wait behind an admission that is about to be given up,
 * and neither behind a long read. Connects by itself, forever; until it has, calls are rejected with StoreUnavailableError.
 */
export class RedisLedger implements Ledger {
  readonly records: RedisLedgerRecords
  readonly registry: LedgerRegistry
  readonly endings: Endings
  readonly watch: LedgerWatch
  readonly #clients: readonly RedisClient[]
  readonly #admitGate: Gate
  readonly #gates: readonly Gate[]
  readonly #admissions: Admissions
  readonly #leases: LedgerLeases
  readonly #limits: LedgerLimits
  readonly #total: OrganizationTotal
  readonly #clock: LedgerClock
  readonly #onCatchUp: RedisLedgerOptions['onCatchUp']

  constructor (options: RedisLedgerOptions) {
    const connect = (name: string, commandTimeout: number): RedisClient =>
      connectRedis(options.address, { name: `tollgate-${name}`, commandTimeout, onError: error => { options.onEvent({ type: 'error', error }) } })
    const admitting = connect('admit', admitTimeout)
    const settling = connect('settle', settleTimeout)
    const reading = connect('read', readTimeout)
    this.#clients = [admitting, settling, reading]
    const texts = options.scripts ?? readScripts()
    for (const client of this.#clients) defineScripts(client, texts)
    const admitGate = new Gate({ name: 'the ledger', probe: () => admitting.ping(), onChange: available => { options.onEvent({ type: available ? 'available' : 'unavailable' }) } })
    const settleGate = new Gate({ name: 'the ledger', probe: () => settling.ping(), onChange: () => {} })
    this.#admitGate = admitGate
    this.#gates = [admitGate, settleGate]

    const clock = new LedgerClock(options.timeZone, options.clock ?? null)
    this.#clock = clock
    this.#onCatchUp = options.onCatchUp
    this.registry = new LedgerRegistry(admitting, options)
    this.#limits = new LedgerLimits(reading, clock)
    this.records = new RedisLedgerRecords(reading, (projectId, rows) => this.#restore(projectId, rows), () => this.#limits.now())
    this.#total = new OrganizationTotal(reading, () => this.records.projectIds(), options.totalMaxAge ?? defaultTotalMaxAge)
    this.#admissions = new Admissions({ client: admitting, gate: admitGate, registry: this.registry, total: this.#total, clock, guard: request => { this.#guard(request) } })
    this.endings = new Endings({ client: settling, gate: settleGate, total: this.#total, clock, onLoss: () => { this.watch.lost() } })
    this.#leases = new LedgerLeases({ client: settling, gate: settleGate, endings: this.endings, records: this.records, total: this.#total, clock })
    this.watch = new LedgerWatch({
      client: settling, admitting, registry: this.registry, replay: () => this.#replay(), onEvent: options.onEvent, allowEviction: options.allowEviction ?? false
    })
  }

  /** Resolves when all connections are up, and never while Redis is away. */
  async ready (): Promise<void> {
    await Promise.all(this.#clients.map(client => client.status === 'ready' ? null : once(client, 'ready')))
  }

  async admit (request: AdmitRequest): Promise<Admission> {
    const decision = await this.#admissions.decide(request)
    if (request.hit === true && (decision.verdict === 'admitted' || decision.verdict === 'repeated')) this.#rememberHit(request, decision)
    return admissionOf(request, decision)
  }

  async settle (reservation: Reservation, outcome: Outcome): Promise<Settled> {
    return this.endings.end({ kind: 'settled', reservation, outcome })
  }

  async void (reservation: Reservation, status: string): Promise<Settled> {
    return this.endings.end({ kind: 'void', reservation, outcome: voided(status) })
  }

  async estimate (reservation: Reservation, outcome: Outcome): Promise<Settled> {
    return this.endings.end({ kind: 'estimated', reservation, outcome })
  }

  async renew (reservations: readonly Reservation[]): Promise<void> {
    await this.#leases.renew(reservations)
  }

  async reap (): Promise<number> {
    return this.#leases.reap()
  }

  async limits (projectId: string, keyId: string, rules: readonly LimitRule[]): Promise<readonly LimitView[]> {
    return this.#limits.views(projectId, keyId, rules, period => this.#total.used(period))
  }

  async usage (query: UsageQuery): Promise<UsagePage> {
    return this.records.usage(query)
  }

  /** The month by this replica's clock. */
  month (): string {
    return this.#clock.months()[1].id
  }

  health (): LedgerHealth {
    return { available: this.#admitGate.available && this.watch.reachable && this.watch.refusal === null, forgot: this.registry.forgot, spooled: 0 }
  }

  async acceptLoss (): Promise<void> {
    await this.registry.acknowledge()
  }

  async close (): Promise<void> {
    this.watch.stop()
    for (const gate of this.#gates) gate.close()
    for (const client of this.#clients) client.disconnect()
  }

  /** Ends a request that this process may not have admitted. */
  async deliver (said: Said): Promise<Settled> {
    await this.#list(said.reservation.projectId)
    return this.endings.end(said)
  }

  /** Throws when this Redis may not decide on the request now. */
  #guard (request: AdmitRequest): void {
    const { refusal, isIncomplete } = this.watch
    if (refusal !== null) throw new StoreUnavailableError('the ledger', new Error(refusal))
    if (!isIncomplete || !isBudgeted(request)) return
    if (this.registry.forgot) throw new LedgerForgotError(request.projectId)
    throw new StoreUnavailableError('the ledger', new Error('the store was changed, and may not know yet all that was spent'))
  }

  async #replay (): Promise<number> {
    for (const projectId of this.endings.remembered()) await this.#list(projectId)
    const replayed = await this.endings.replay()
    await this.#onCatchUp?.()
    return replayed
  }

  /** A project that Redis does not list would be found by nobody. */
  async #list (projectId: string): Promise<void> {
    if (!this.registry.isRegistered(projectId)) await this.#admitGate.call(() => this.registry.register(projectId))
  }

  #rememberHit (request: AdmitRequest, decision: Decision): void {
    const demand = demandOf(request)
    const effects = effectsOf(request.rules, demand, decision.states, decision.now)
    this.endings.remember({ kind: 'hit', reservation: reservationOf(request, demand, effects, decision), outcome: hitOutcome })
  }

  async #restore (projectId: string, rows: readonly string[]): Promise<void> {
    await this.#list(projectId)
    const parsed = rows.map(parseRow)
    return this.endings.restore(projectId, parsed, await this.records.openAmong(projectId, parsed.map(({ rid }) => rid)))
  }
}
