import { Redis } from 'ioredis'
import { join } from 'node:path'
import t from 'tap'
import { verifyLedger } from '../../src/stores/ledger-verify.ts'
import type { Ledger } from '../../src/stores/ledger.ts'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { startRedis } from '../helpers/redis.ts'
import { anOutcome, aRequest, ridAt } from '../helpers/metering.ts'
import { TestClock } from './ledger-scene.ts'
import { openRedisLedger } from './redis-ledger.ts'
import { reservationOf } from './resilient-scene.ts'

const dayMs = 86_400_000

async function spend (ledger: Ledger, clock: TestClock): Promise<void> {
  const admission = await ledger.admit(aRequest(ridAt(clock.ms)))
  await ledger.settle(reservationOf(admission), anOutcome(1, 2, 3))
}

/** What differs, as often as it does. */
async function named ({ records }: Ledger): Promise<string[]> {
  return (await verifyLedger(records)).differences.map(({ name }) => name)
}

t.test('SQLite drops them when it tidies', async t => {
  const clock = new TestClock()
  const ledger = new SqliteLedger({ path: join(t.testdir(), 'ledger.db'), timeZone: 'UTC', durability: 'process', clock: clock.micros })
  t.teardown(() => ledger.close())
  await spend(ledger, clock)
  clock.ms += 402 * dayMs
  await ledger.reap()
  await spend(ledger, clock)
  t.same(await named(ledger), [])
})

t.test('Redis lets them expire; those that it must have are missed', async t => {
  const redis = await startRedis(t)
  const client = new Redis(redis.port)
  t.teardown(() => { client.disconnect() })
  const clock = new TestClock()
  const ledger = await openRedisLedger(redis, clock)
  t.teardown(() => ledger.close())
  await spend(ledger, clock)
  const expiring = [...await client.keys('tg:{proj_a}:day:*'), ...await client.keys('tg:{proj_a}:spend:*'), ...await client.keys('tg:{proj_a}:minutes:*')]
  t.equal(expiring.length, 3)
  await client.del(expiring)
  const missed = await named(ledger)
  for (const kind of ['aggregate', 'spend']) t.ok(missed.some(name => name.startsWith(kind)), kind)
  clock.ms += 402 * dayMs
  await spend(ledger, clock)
  t.same(await named(ledger), [])
})
