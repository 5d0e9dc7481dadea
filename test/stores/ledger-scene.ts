import type { Test } from 'tap'
import { Calendar } from '../../src/metering/period.ts'
import type { Admission } from '../../src/metering/admission.ts'
import type { AdmitRequest, Reservation } from '../../src/metering/reservation.ts'
import { parseRow } from '../../src/metering/row.ts'
import type { LedgerRow } from '../../src/metering/row.ts'
import type { LimitRule } from '../../src/metering/rules.ts'
import type { Ledger } from '../../src/stores/ledger.ts'
import { aRequest, ridAt } from '../helpers/metering.ts'

/** A clock that stands still until it is told to go on. */
export class TestClock {
  /** Well ahead of the real time, so that what Redis forgets by its own clock is still there. */
  ms = Date.now() + 86_400_000

  readonly micros = (): number => this.ms * 1000
}

export interface Place {
  readonly ledger: Ledger
  /** The ledger as a process finds it that starts now, on the same data. */
  restart (): Promise<Ledger>
}

export type OpenPlace = (t: Test, clock: TestClock) => Promise<Place>

/** One ledger in one place, with short words for what the tests do again and again. */
export class Scene {
  readonly clock: TestClock
  ledger: Ledger
  readonly #place: Place

  constructor (clock: TestClock, place: Place) {
    this.clock = clock
    this.#place = place
    this.ledger = place.ledger
  }

  request (fields: Partial<AdmitRequest> = {}): AdmitRequest {
    return aRequest(ridAt(this.clock.ms), fields)
  }

  async admit (...rules: readonly LimitRule[]): Promise<Admission> {
    return this.ledger.admit(this.request({ rules }))
  }

  /** A reservation: tokens 100, cost 1000. */
  async reserve (fields: Partial<AdmitRequest> = {}): Promise<Reservation> {
    const admission = await this.ledger.admit(this.request(fields))
    return reservationOf(admission)
  }

  /** How much is left of each rule. */
  async left (rules: readonly LimitRule[], keyId = 'key_a'): Promise<number[]> {
    const views = await this.ledger.limits('proj_a', keyId, rules)
    return views.map(({ remaining }) => remaining)
  }

  async open (): Promise<readonly Reservation[]> {
    const { open } = await this.ledger.records.monthSums('proj_a', new Calendar('UTC').at(this.clock.ms).id)
    return open
  }

  async rows (projectId = 'proj_a'): Promise<LedgerRow[]> {
    const rows: LedgerRow[] = []
    for await (const { text } of this.ledger.records.rows(projectId, 0)) rows.push(parseRow(text))
    return rows
  }

  async restart (): Promise<void> {
    this.ledger = await this.#place.restart()
  }
}

export function reservationOf (admission: Admission): Reservation {
  if (!admission.admitted || admission.reservation === null) throw new Error('not admitted')
  return admission.reservation
}
