import t from 'tap'
import { anOutcome, aRule } from '../helpers/metering.ts'
import { until } from '../helpers/until.ts'
import { differencesIn, newRequest, reservationOf, resilientScene } from './resilient-scene.ts'

const rules = [aRule({ metric: 'concurrency', limit: 5 }), aRule({ metric: 'tokens_per_minute', limit: 6000 })]

// Redis is too slow to answer, so the replica lets the request in by itself; then Redis lets it in, too.
for (const failureMode of ['open', 'local'] as const) {
  void t.test(failureMode, async t => {
    const { redis, ledger, client } = await resilientScene(t)
    const look = client()
    await ledger.ready()
    const other = await ledger.admit(newRequest({ failureMode, rules }))
    redis.process.kill('SIGSTOP')
    const alone = await ledger.admit(newRequest({ failureMode, rules }))
    t.ok(alone.degraded, 'let in by the replica')
    redis.process.kill('SIGCONT')
    await until(async () => await look.hlen('tg:{proj_a}:open') === 2)

    await until(() => ledger.health().available)
    t.equal(await ledger.settle(reservationOf(alone), anOutcome(10, 90, 50)), 'recorded')
    t.same(await look.hgetall('tg:{proj_a}:held'), { concurrency: '1' }, 'the other one alone is open')
    await ledger.settle(reservationOf(other), anOutcome(10, 90, 50))
    t.same(await look.hgetall('tg:{proj_a}:held'), {})
    t.same(await differencesIn(ledger), [])
  })
}
