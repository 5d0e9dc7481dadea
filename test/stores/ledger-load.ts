import { setImmediate } from 'node:timers/promises'
import type { Test } from 'tap'
import { verifyLedger } from '../../src/stores/ledger-verify.ts'
import type { Ledger } from '../../src/stores/ledger.ts'
import { StoreUnavailableError } from '../../src/stores/unavailable.ts'
import { anOutcome, aRule } from '../helpers/metering.ts'
import { newRequest, rowsOf } from './resilient-scene.ts'

const rules = [aRule({ metric: 'spend_per_month', limit: 1e12 }), aRule({ metric: 'concurrency', limit: 1000 })]

/** Requests that come and go without pause, and what each of them really cost. */
export class LedgerLoad {
  /** Cost of every request that went upstream, nano-USD, by rid. */
  readonly truth = new Map<string, number>()
  refused = 0
  readonly #workers: Promise<void>[]
  #running = true

  constructor (ledger: Ledger, workers: number) {
    this.#workers = Array.from({ length: workers }, () => this.#work(ledger))
  }

  async stop (): Promise<void> {
    this.#running = false
    await Promise.all(this.#workers)
  }

  async #work (ledger: Ledger): Promise<void> {
    while (this.#running) {
      const request = newRequest({ rules })
      try {
        const admission = await ledger.admit(request)
        if (!admission.admitted || admission.reservation === null) throw new Error('denied')
        const cost = Math.ceil(Math.random() * 1000)
        this.truth.set(request.rid, cost)
        await setImmediate()
        await ledger.settle(admission.reservation, anOutcome(1, 1, cost))
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error
        this.refused++
        await setImmediate()
      }
    }
  }
}

/** Every request that went upstream is one row with its cost, nobody else is billed, nothing stays reserved, and the sums agree. */
export async function assertExact (t: Test, ledger: Ledger, truth: ReadonlyMap<string, number>): Promise<void> {
  const billed = new Map<string, number>()
  const rows = await rowsOf(ledger)
  for (const { rid, costNanoUsd } of rows) billed.set(rid, (billed.get(rid) ?? 0) + (costNanoUsd ?? 0))
  const wrong = [...truth].filter(([rid, cost]) => billed.get(rid) !== cost)
  t.same(wrong, [], 'nothing lost, nothing doubled')
  t.same([...billed].filter(([rid, cost]) => cost !== 0 && !truth.has(rid)), [], 'nothing invented')
  t.equal(rows.filter(({ kind }) => kind !== 'correction').length, new Set(rows.map(({ rid }) => rid)).size)
  const { differences } = await verifyLedger(ledger.records)
  t.same(differences, [])
  const [places] = await ledger.limits('proj_a', 'key_a', rules.slice(1))
  t.equal(places?.remaining, 1000, 'no place is taken')
}
