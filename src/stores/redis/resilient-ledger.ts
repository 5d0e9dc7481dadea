import { NamedPlaces } from '../../collections/named-places.ts'
import type { Admission } from '../../metering/admission.ts'
import type { LimitView } from '../../metering/limits.ts'
import { voided } from '../../metering/outcome.ts'
import { demandOf, heldBy } from '../../metering/reservation.ts'
import type { AdmitRequest, Reservation } from '../../metering/reservation.ts'
import type { Outcome } from '../../metering/row.ts'
import type { LimitRule } from '../../metering/rules.ts'
import type { UsagePage, UsageQuery } from '../../metering/usage.ts'
import { LedgerForgotError } from '../ledger.ts'
import type { Ledger, LedgerEvent, LedgerHealth, LedgerRecords, Settlement } from '../ledger.ts'
import { StoreUnavailableError } from '../unavailable.ts'
import { UnansweredError } from './gate.ts'
import { RedisLedger } from './ledger.ts'
import type { RedisLedgerOptions } from './ledger.ts'
import type { Said } from './ledger-ring.ts'
import { LocalShares } from './ledger-shares.ts'
import { Spool } from './ledger-spool.ts'

export interface ResilientLedgerOptions extends Omit<RedisLedgerOptions, 'knownEpoch' | 'onEpoch' | 'onCatchUp'> {
  /** Folder of the spool. */
  readonly folder: string
}

/** How long a client waits for its settlement, ms; then it is spooled, and the last byte goes out. */
const settlePatience = 250
const drainInterval = 1000
/** After Redis was away, every replica renews its leases before any replica bills what seems to have run out, ms. */
const reapPause = 10_000

/**
 * The ledger in Redis, and what this replica does while Redis is away: refuse, or let in its share, each project as it chose; and keep
 * what it owes to Redis on its own disk until Redis is back.
 */
export class ResilientLedger implements Ledger {
  readonly records: LedgerRecords
  readonly #shared: RedisLedger
  readonly #spool: Spool
  readonly #shares = new LocalShares()
  readonly #onEvent: (event: LedgerEvent) => void
  /** Requests that this replica has under way, and those of them that it admitted by itself. */
  readonly #live = new NamedPlaces<Reservation>()
  readonly #alone = new Set<string>()
  readonly #drainTimer: NodeJS.Timeout
  #draining: Promise<void> | null = null
  #spooled = 0
  #reapAfter = 0

  constructor (options: ResilientLedgerOptions) {
    this.#onEvent = options.onEvent
    this.#spool = new Spool(options)
    this.#shared = new RedisLedger({
      ...options,
      knownEpoch: this.#spool.readEpoch(),
      onEpoch: epoch => { this.#spool.writeEpoch(epoch) },
      onEvent: event => { this.#take(event) },
      onCatchUp: () => this.#catchUp()
    })
    this.records = this.#shared.records
    this.#shared.watch.start()
    this.#drainTimer = setInterval(() => { void this.#drain() }, drainInterval).unref()
  }

  /** Resolves when Redis has answered for the first time, and never while it is away. */
  ready (): Promise<void> {
    return this.#shared.ready()
  }

  async admit (request: AdmitRequest): Promise<Admission> {
    try {
      const admission = await this.#shared.admit(request)
      this.#shares.learn(request, admission.limits)
      this.#follow(admission)
      return admission
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || error instanceof LedgerForgotError) throw error
      return this.#admitAlone(request, error)
    }
  }

  settle (reservation: Reservation, outcome: Outcome): Promise<Settlement> {
    return this.#end({ kind: 'settled', reservation, outcome })
  }

  void (reservation: Reservation, status: string): Promise<Settlement> {
    return this.#end({ kind: 'void', reservation, outcome: voided(status) })
  }

  estimate (reservation: Reservation, outcome: Outcome): Promise<Settlement> {
    return this.#end({ kind: 'estimated', reservation, outcome })
  }

  async renew (reservations: readonly Reservation[]): Promise<void> {
    const alone = reservations.filter(({ rid }) => this.#alone.has(rid))
    if (alone.length > 0) await this.#spool.use(ledger => ledger.renew(alone))
    await this.#shared.renew(reservations.filter(({ rid }) => !this.#alone.has(rid)))
  }

  /** One replica at a time, and none right after Redis was away: first all renew their leases. */
  async reap (): Promise<number> {
    const itsTurn = performance.now() >= this.#reapAfter && await this.#shared.watch.takeTurn()
    return itsTurn ? this.#shared.reap() : 0
  }

  limits (projectId: string, keyId: string, rules: readonly LimitRule[]): Promise<readonly LimitView[]> {
    return this.#shared.limits(projectId, keyId, rules)
  }

  usage (query: UsageQuery): Promise<UsagePage> {
    return this.#shared.usage(query)
  }

  health (): LedgerHealth {
    return { ...this.#shared.health(), spooled: this.#spooled }
  }

  acceptLoss (): Promise<void> {
    return this.#shared.acceptLoss()
  }

  async close (): Promise<void> {
    clearInterval(this.#drainTimer)
    await this.#drain()
    await this.#shared.close()
    await this.#spool.close()
  }

  async #admitAlone (request: AdmitRequest, error: StoreUnavailableError): Promise<Admission> {
    const mayBeAdmitted = error instanceof UnansweredError && request.hit !== true
    if (request.failureMode === 'closed' || !this.#shares.knows(request)) {
      if (mayBeAdmitted) await this.#takeBack(request)
      throw error
    }
    const shared = this.#shares.share(request, this.#shared.watch.replicas)
    const admission = this.#shares.unshare(request, await this.#spool.use(ledger => ledger.admit(shared)))
    this.#follow(admission)
    if (admission.admitted && admission.reservation !== null) this.#alone.add(request.rid)
    if (admission.admitted || !mayBeAdmitted) return admission
    await this.#takeBack(request)
    return this.#shares.conclude(admission)
  }

  /** Nobody knows whether Redis admitted it: a void returns the reservation if there is one, and refuses it if it is still on its way. */
  async #takeBack (request: AdmitRequest): Promise<void> {
    const { tokens, costNanoUsd } = demandOf(request)
    const seen = { inputTokens: 0, outputTokens: 0, costNanoUsd: 0 }
    const reservation = { ...request, period: this.#shared.month(), tokens, costNanoUsd, buckets: [], held: heldBy(request), seen }
    await this.#put({ kind: 'void', reservation, outcome: voided('metering_unavailable') })
  }

  async #end (said: Said): Promise<Settlement> {
    const { reservation } = said
    const alone = this.#alone.delete(reservation.rid)
    this.#live.delete(reservation.rid)
    // Redis may have let in what it did not answer to: then what it took, maybe for other rules, is what it has to give back.
    const settled = await this.#inTime(alone ? this.#shared.deliver(said) : this.#shared.endings.end(said))
    if (settled === null) {
      await this.#put(said)
      return 'spooled'
    }
    if (alone) await this.#spool.use(ledger => ledger.release(reservation)).catch((error: unknown) => { this.#onEvent({ type: 'error', error }) })
    return settled
  }

  /** Null: the store is away, or slower than the client may be made to wait. What it may do later, it does once. */
  #inTime (ending: Promise<Settlement>): Promise<Settlement | null> {
    const { promise, resolve, reject } = Promise.withResolvers<Settlement | null>()
    const timer = setTimeout(resolve, settlePatience, null)
    ending.then(settled => {
      clearTimeout(timer)
      resolve(settled)
    }, (error: unknown) => {
      clearTimeout(timer)
      if (error instanceof StoreUnavailableError) resolve(null)
      else reject(error)
    })
    return promise
  }

  /** A spool that cannot write keeps what it was given in memory, and tries again with whatever comes next. */
  async #put (said: Said): Promise<void> {
    this.#spooled++
    const { kind, reservation, outcome } = said
    try {
      await this.#spool.use(ledger => ledger.record(kind === 'correction' ? 'settled' : kind, reservation, outcome))
    } catch (error) {
      this.#onEvent({ type: 'error', error })
    }
  }

  #take (event: LedgerEvent): void {
    if (event.type === 'available') {
      this.#reapAfter = performance.now() + reapPause
      void this.#drain()
      // What could not be renewed while Redis was away may be running out.
      void this.#renewAll()
    }
    this.#onEvent(event)
  }

  /** What Redis lost, it lost with its leases; and what it was not told while it was away, it does not know either. */
  async #catchUp (): Promise<void> {
    await this.renew([...this.#live.values()])
    if (!this.#spool.isEmpty) await this.#handOn()
  }

  async #renewAll (): Promise<void> {
    try {
      await this.renew([...this.#live.values()])
    } catch (error) {
      this.#onEvent({ type: 'error', error })
    }
  }

  #follow (admission: Admission): void {
    if (admission.admitted && admission.reservation !== null) this.#live.set(admission.reservation.rid, admission.reservation)
  }

  async #drain (): Promise<void> {
    if (this.#spool.isEmpty || !this.#shared.health().available) return
    try {
      await this.#handOn()
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) this.#onEvent({ type: 'error', error })
    }
  }

  #handOn (): Promise<void> {
    this.#draining ??= this.#handOnNow().finally(() => { this.#draining = null })
    return this.#draining
  }

  async #handOnNow (): Promise<void> {
    const endings = await this.#spool.drain(said => this.#deliver(said))
    if (this.#spool.isEmpty) {
      this.#spooled = 0
      this.#shares.forget()
    }
    if (endings > 0) this.#onEvent({ type: 'drained', endings })
  }

  async #deliver (said: Said): Promise<void> {
    if (await this.#shared.deliver(said) !== 'stale') return
    const { rid, projectId } = said.reservation
    this.#onEvent({ type: 'warning', message: `request ${rid} of project ${projectId} was spooled longer than ended requests are remembered, and is not billed` })
  }
}
