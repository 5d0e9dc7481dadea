import fc from 'fast-check'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { startRedis } from '../helpers/redis.ts'
import { TestClock } from './ledger-scene.ts'
import { histories, play, ridsOf } from './ledger-history.ts'
import { openRedisLedger } from './redis-ledger.ts'

const redis = await startRedis(t)
const folder = t.testdir()

void t.test('the same random history has the same answers, limits, rows and sums, and both verify clean', async t => {
  await fc.assert(fc.asyncProperty(histories, async history => {
    const start = new TestClock().ms
    const rids: string[] = []
    const inSqlite = await playInSqlite(history, start, rids)
    const inRedis = await playInRedis(history, start, rids)
    t.same(inRedis, inSqlite)
    if (!t.passing()) throw new Error('they differ')
  }), { numRuns: 50 })
})

async function playInSqlite (history: Parameters<typeof play>[2], start: number, rids: string[]): Promise<unknown[]> {
  const clock = new TestClock()
  clock.ms = start
  const path = join(mkdtempSync(join(folder, 'ledger-')), 'ledger.db')
  const ledger = new SqliteLedger({ path, timeZone: 'UTC', durability: 'process', clock: clock.micros })
  try {
    return await play(ledger, clock, history, ridsOf(clock, rids))
  } finally {
    await ledger.close()
  }
}

async function playInRedis (history: Parameters<typeof play>[2], start: number, rids: string[]): Promise<unknown[]> {
  const clock = new TestClock()
  clock.ms = start
  const ledger = await openRedisLedger(redis, clock)
  try {
    return await play(ledger, clock, history, ridsOf(clock, rids))
  } finally {
    await ledger.close()
  }
}
