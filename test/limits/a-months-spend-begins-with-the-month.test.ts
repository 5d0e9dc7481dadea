import { join } from 'node:path'
import t from 'tap'
import { spendOf } from '../../src/spend.ts'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { anOutcome, aRequest, ridAt } from '../helpers/metering.ts'
import { reservationOf } from '../stores/resilient-scene.ts'

t.test('what was spent before a month that begins at half past is not counted in it', async t => {
  /** 1 December in India. */
  const start = Date.UTC(2026, 10, 30, 18, 30)
  let now = start - 60_000
  const ledger = new SqliteLedger({ path: join(t.testdir(), 'ledger.db'), timeZone: 'Asia/Kolkata', durability: 'process', clock: () => now * 1000 })
  t.teardown(() => ledger.close())
  const spend = async (projectId: string, costNanoUsd: number): Promise<void> => {
    const admission = await ledger.admit(aRequest(ridAt(now), { projectId }))
    await ledger.settle(reservationOf(admission), anOutcome(1, 1, costNanoUsd))
  }
  const read = spendOf(ledger, 'Asia/Kolkata')
  await spend('proj_a', 1000)
  await spend('proj_b', 20)
  t.match(await read(), { month: { id: '2026-11', end: start }, total: 1020, byProject: new Map([['proj_a', 1000], ['proj_b', 20]]) })
  now = start
  await spend('proj_b', 3)
  await ledger.admit(aRequest(ridAt(now), { projectId: 'proj_b' }))
  t.match(await read(), { month: { id: '2026-12', start }, total: 3, byProject: new Map([['proj_a', 0], ['proj_b', 3]]) }, 'what is only reserved is not spent')
})
