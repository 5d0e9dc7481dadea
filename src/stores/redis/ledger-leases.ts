import { presumed } from '../../metering/outcome.ts'
import type { Reservation } from '../../metering/reservation.ts'
import type { LedgerRecords } from '../ledger.ts'
import type { RedisClient } from './client.ts'
import type { Gate } from './gate.ts'
import { expiredCall, renewCall } from './ledger-calls.ts'
import type { LedgerClock } from './ledger-clock.ts'
import { decodeRecord } from './ledger-codec.ts'
import type { Endings } from './ledger-endings.ts'
import { runScript } from './ledger-scripts.ts'
import type { OrganizationTotal } from './ledger-total.ts'

export interface LeasesOptions {
  readonly client: RedisClient
  readonly gate: Gate
  readonly endings: Endings
  readonly records: LedgerRecords
  readonly total: OrganizationTotal
  readonly clock: LedgerClock
}

/** Leases of one call, and projects asked at the same time. */
const leasesAtOnce = 64
const projectsAtOnce = 100

/** Open reservations hold leases: renewed while their process lives, and billed by whichever process finds that they ran out. */
export class LedgerLeases {
  readonly #client: RedisClient
  readonly #gate: Gate
  readonly #endings: Endings
  readonly #records: LedgerRecords
  readonly #total: OrganizationTotal
  readonly #clock: LedgerClock

  constructor ({ client, gate, endings, records, total, clock }: LeasesOptions) {
    this.#client = client
    this.#gate = gate
    this.#endings = endings
    this.#records = records
    this.#total = total
    this.#clock = clock
  }

  async renew (reservations: readonly Reservation[]): Promise<void> {
    for (const [projectId, ofProject] of Map.groupBy(reservations, ({ projectId }) => projectId)) {
      for (let from = 0; from < ofProject.length; from += leasesAtOnce) {
        const some = ofProject.slice(from, from + leasesAtOnce)
        const call = renewCall(projectId, some, this.#clock.given())
        await this.#gate.call(() => runScript(this.#client, 'renew', call))
        for (const { period } of some) this.#total.touch(projectId, period, 0)
      }
    }
  }

  async reap (): Promise<number> {
    const projectIds = await this.#records.projectIds()
    let reaped = 0
    for (let from = 0; from < projectIds.length; from += projectsAtOnce) {
      const counts = await Promise.all(projectIds.slice(from, from + projectsAtOnce).map(projectId => this.#reapProject(projectId)))
      reaped += counts.reduce((sum, count) => sum + count, 0)
    }
    return reaped
  }

  async #reapProject (projectId: string): Promise<number> {
    let reaped = 0
    for (;;) {
      const expired = await this.#expired(projectId)
      const results = await Promise.all(expired.map(reservation =>
        this.#endings.expire({ kind: 'estimated', reservation, outcome: presumed(reservation) })))
      const ended = results.filter(Boolean).length
      reaped += ended
      if (ended === 0 || expired.length < leasesAtOnce) return reaped
    }
  }

  async #expired (projectId: string): Promise<Reservation[]> {
    const call = expiredCall(projectId, leasesAtOnce, this.#clock.given())
    const reply = await this.#gate.call(() => runScript(this.#client, 'expired', call)) as string[]
    return reply.filter((_, index) => index % 2 === 1 && reply[index] !== '').map(record => decodeRecord(projectId, record))
  }
}
