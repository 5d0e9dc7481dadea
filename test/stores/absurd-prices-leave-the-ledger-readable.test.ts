import { join } from 'node:path'
import t from 'tap'
import { verifyLedger } from '../../src/stores/ledger-verify.ts'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { anOutcome, aRequest, aRule, ridAt } from '../helpers/metering.ts'
import { reserve } from './resilient-scene.ts'

/** The most that is taken for a price of one answer: a million dollars. */
const most = 1e15
const rules = [aRule({ metric: 'spend_per_month', limit: most })]

t.test('sums beyond 2^53 nano-USD are read, proven, and found by the next start', async t => {
  const path = join(t.testdir(), 'ledger.db')
  const open = (): SqliteLedger => new SqliteLedger({ path, timeZone: 'UTC', durability: 'process' })
  const first = open()
  for (let round = 0; round < 10; round++) await first.settle(await reserve(first), anOutcome(1, 2, most))
  const day = { startMs: Date.now() - 86_400_000, endMs: Date.now() + 86_400_000, groupBy: [], projectIds: null, keyIds: null, models: null, endpoints: null, limit: 5000 } as const
  for (const width of ['minute', 'day'] as const) {
    const { buckets } = await first.usage({ ...day, width })
    t.same(buckets.flatMap(({ results }) => results).map(({ costNanoUsd }) => costNanoUsd).reduce((sum, cost) => sum + cost, 0), 10 * most)
  }
  t.same((await verifyLedger(first.records)).differences, [])
  await first.close()

  const next = open()
  t.teardown(() => next.close())
  t.match(await next.admit(aRequest(ridAt(Date.now()), { rules })), { admitted: false, denial: { kind: 'spend', current: 10 * most } })
})
