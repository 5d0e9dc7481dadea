import fc from 'fast-check'
import { test } from 'tap'
import { admissionOf } from '../../src/metering/admission.ts'
import { Book } from '../../src/metering/book.ts'
import type { Entry } from '../../src/metering/book.ts'
import { ClosedRequests } from '../../src/metering/closed.ts'
import { voided } from '../../src/metering/outcome.ts'
import { Calendar } from '../../src/metering/period.ts'
import { leaseMs } from '../../src/metering/reservation.ts'
import type { Reservation } from '../../src/metering/reservation.ts'
import type { LimitRule } from '../../src/metering/rules.ts'
import { aRequest, anOutcome, aRule, ridAt } from '../helpers/metering.ts'

const startMs = Date.parse('2026-11-30T23:50:00Z')
const spendLimit = 10_000
const places = 4
const rules: readonly LimitRule[] = [
  aRule({ metric: 'spend_per_month', limit: spendLimit }),
  aRule({ id: 'key-spend', scope: 'key', metric: 'spend_per_month', limit: 6000 }),
  aRule({ metric: 'concurrency', limit: places })
]

const step = fc.record({
  wait: fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 2 * leaseMs })),
  action: fc.constantFrom('admit', 'admit', 'admit', 'settle', 'void', 'renew', 'reap', 'again'),
  key: fc.constantFrom('key_a', 'key_b'),
  cost: fc.integer({ min: 0, max: 3000 }),
  used: fc.double({ min: 0, max: 1, noNaN: true }),
  pick: fc.nat()
})

/** A book, and what it wrote down. */
class Run {
  readonly entries: Entry[] = []
  readonly book: Book
  /** Every reservation ever made, also those that have ended. */
  readonly made: Reservation[] = []
  nowMs = startMs

  constructor () {
    this.book = new Book(new Calendar('UTC'), new ClosedRequests(startMs, () => null), entry => { this.entries.push(entry) })
  }

  get now (): number {
    return this.nowMs * 1000
  }

  admit (keyId: string, costNanoUsd: number): void {
    const request = aRequest(ridAt(this.nowMs), { keyId, rules, estimate: { inputTokens: 1, maxOutputTokens: 1, costNanoUsd, promptCostNanoUsd: 0 } })
    const admission = admissionOf(request, this.book.admit(request, this.now))
    if (admission.admitted && admission.reservation !== null) this.made.push(admission.reservation)
  }

  /** What came after a lease had run out and its money had been given to others: it is billed all the same. */
  get late (): number {
    return this.entries.reduce((sum, entry) => entry.type === 'row' && entry.posting.kind === 'correction' ? sum + entry.posting.costNanoUsd : sum, 0)
  }

  used (rule: LimitRule, keyId: string, period: string): number {
    return this.book.account('proj_a').stateOf(rule, keyId, period)
  }
}

test('spent + reserved stays within every limit at every step, but for settlements after the lease, and every admission becomes one row', async t => {
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), history => {
    const run = new Run()
    for (const { wait, action, key, cost, used, pick } of history) {
      run.nowMs += wait
      const reservation = run.made[pick % Math.max(1, run.made.length)]
      if (action === 'admit') run.admit(key, cost)
      else if (action === 'reap') run.book.reap(run.now, 100)
      else if (reservation === undefined) continue
      else if (action === 'settle') run.book.end('settled', reservation, anOutcome(1, 1, Math.floor(reservation.costNanoUsd * used)), run.now)
      else if (action === 'void') run.book.end('void', reservation, voided('upstream_unreachable'), run.now)
      else if (action === 'renew') run.book.renew(reservation, run.now)
      else run.book.admit(aRequest(reservation.rid, { rules }), run.now + 1)
      for (const period of ['2026-11', '2026-12']) {
        for (const keyId of ['key_a', 'key_b']) {
          for (const rule of rules) {
            const state = run.used(rule, keyId, period)
            if (state > rule.limit + run.late || state < 0) return false
          }
        }
      }
    }
    return endsWell(run)
  }), { numRuns: 500 })
  t.pass()
})

/** When all leases have run out, every reservation has its one row, the sums agree and nothing is reserved any more. */
function endsWell (run: Run): boolean {
  run.nowMs += leaseMs
  run.book.reap(run.now, 1000)
  const rows = run.entries.filter(entry => entry.type === 'row')
  const first = rows.filter(({ posting }) => posting.kind !== 'correction').map(({ posting }) => posting.reservation.rid)
  const corrections = rows.filter(({ posting }) => posting.kind === 'correction').map(({ posting }) => posting.reservation.rid)
  const made = new Set(run.made.map(({ rid }) => rid))
  const spent = rows.reduce((sum, { posting }) => sum + posting.costNanoUsd, 0)
  const counted = ['2026-11', '2026-12'].reduce((sum, period) => sum + run.used(rules[0] as LimitRule, 'key_a', period), 0)
  return first.length === made.size && new Set(first).size === made.size && new Set(corrections).size === corrections.length &&
    rows.every(({ seq }, index) => seq === index + 1) && spent === counted && run.book.openCount === 0
}

test('the organization\'s total spans projects', async t => {
  const run = new Run()
  const total = aRule({ id: 'org', scope: 'organization', metric: 'spend_per_month', limit: 1500 })
  const ask = (projectId: string): boolean => {
    const request = aRequest(ridAt(run.nowMs), { projectId, rules: [total] })
    return admissionOf(request, run.book.admit(request, run.now)).admitted
  }
  t.ok(ask('proj_a'))
  t.notOk(ask('proj_b'), 'the other project already reserved 1000 of 1500')
})
