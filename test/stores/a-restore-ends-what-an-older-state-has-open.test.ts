import { join } from 'node:path'
import { Redis } from 'ioredis'
import t from 'tap'
import type { Test } from 'tap'
import type { AdmitRequest, Reservation } from '../../src/metering/reservation.ts'
import { parseRow } from '../../src/metering/row.ts'
import type { LedgerRow } from '../../src/metering/row.ts'
import { exportLines, rowsOfLines } from '../../src/stores/ledger-lines.ts'
import { restoreLedger } from '../../src/stores/ledger-restore.ts'
import { verifyLedger } from '../../src/stores/ledger-verify.ts'
import type { Ledger } from '../../src/stores/ledger.ts'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { aRequest, anOutcome, aRule, ridAt } from '../helpers/metering.ts'
import { startRedis } from '../helpers/redis.ts'
import { TestClock } from './ledger-scene.ts'
import { openRedisLedger } from './redis-ledger.ts'

const rules = [aRule({ metric: 'concurrency', limit: 5 }), aRule({ metric: 'spend_per_month', limit: 1_000_000 })]
const redis = await startRedis(t)

void t.test('SQLite', async t => {
  const folder = t.testdir()
  await endsOnce(t, new TestClock(), async (name, clock) => {
    const ledger = new SqliteLedger({ path: join(folder, name, 'ledger.db'), timeZone: 'UTC', durability: 'process', clock: clock.micros })
    t.teardown(() => ledger.close())
    return ledger
  })
})

void t.test('Redis', async t => {
  const client = new Redis(redis.port)
  t.teardown(() => { client.disconnect() })
  await endsOnce(t, new TestClock(), async (_name, clock) => {
    const ledger = await openRedisLedger(redis, clock)
    t.teardown(() => ledger.close())
    return ledger
  })
  t.same(await client.hgetall('tg:{proj_a}:held'), {})
  t.equal(await client.exists('tg:{proj_a}:open', 'tg:{proj_a}:lease'), 0)
})

/** A request that the export knows to have ended is still open in the state that the ledger was set back to. */
async function endsOnce (t: Test, clock: TestClock, open: (name: string, clock: TestClock) => Promise<Ledger>): Promise<void> {
  const request = aRequest(ridAt(clock.ms), { rules })
  const before = await open('before', clock)
  await before.settle(await reserve(before, request), anOutcome(10, 20, 300))
  const lines: string[] = []
  for await (const line of exportLines(before.records)) lines.push(line.trimEnd())

  const older = await open('older', clock)
  await reserve(older, request)
  await restoreLedger(older, rowsOfLines(each(lines), 'export'), false)
  t.same((await older.limits('proj_a', 'key_a', rules)).map(({ remaining }) => remaining), [5, 1_000_000 - 300], 'nothing is reserved any more')
  clock.ms += 60_000
  t.equal(await older.reap(), 0)
  const rows: LedgerRow[] = []
  for await (const { text } of older.records.rows('proj_a', 0)) rows.push(parseRow(text))
  t.match(rows, [{ kind: 'settled', rid: request.rid, costNanoUsd: 300 }])
  t.equal(rows.length, 1)
  t.same((await verifyLedger(older.records)).differences, [])
}

async function reserve (ledger: Ledger, request: AdmitRequest): Promise<Reservation> {
  const admission = await ledger.admit(request)
  if (!admission.admitted || admission.reservation === null) throw new Error('not admitted')
  return admission.reservation
}

async function * each (lines: readonly string[]): AsyncGenerator<string, void> {
  yield * lines
}
