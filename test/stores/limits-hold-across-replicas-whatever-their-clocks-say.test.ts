import t from 'tap'
import type { RedisLedger } from '../../src/stores/redis/ledger.ts'
import { startRedis } from '../helpers/redis.ts'
import { aRequest, aRule, ridAt } from '../helpers/metering.ts'
import { connectLedger } from './redis-ledger.ts'

const redis = await startRedis(t)
const rules = [aRule({ metric: 'requests_per_minute', limit: 120 }), aRule({ metric: 'concurrency', limit: 100_000 })]
/** How far each replica's clock is off, ms. */
const skews = [-300_000, 0, 300_000]

void t.test('three replicas together let through burst + rate × elapsed, and nothing more', async t => {
  const replicas = await Promise.all(skews.map(() => connectLedger(redis.address)))
  t.teardown(() => Promise.all(replicas.map(ledger => ledger.close())))
  const start = performance.now()
  const admitted = await Promise.all(replicas.map((ledger, index) => hammer(ledger, skews[index] ?? 0)))
  const elapsed = performance.now() - start
  const total = admitted.reduce((sum, count) => sum + count, 0)
  t.ok(total >= 120, `${total}`)
  t.ok(total <= 120 + 120 * elapsed / 60_000, `${total} in ${elapsed} ms`)
  t.ok(admitted.every(count => count > 0), 'none is starved')
})

async function hammer (ledger: RedisLedger, skew: number): Promise<number> {
  let admitted = 0
  for (let round = 0; round < 60; round++) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => ledger.admit(aRequest(ridAt(Date.now() + skew), { rules }))))
    admitted += answers.filter(answer => answer.admitted).length
  }
  return admitted
}
