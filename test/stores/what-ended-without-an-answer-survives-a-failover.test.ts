import t from 'tap'
import { anOutcome } from '../helpers/metering.ts'
import { Proxy } from '../helpers/proxy.ts'
import { until } from '../helpers/until.ts'
import { openReplica, reserve, resilientScene, rowsOf } from './resilient-scene.ts'

t.test('a settlement that was carried out, whose answer got lost, is said again to a Redis that never had it', async t => {
  const { redis, client } = await resilientScene(t)
  const proxy = await Proxy.start(redis.port)
  t.teardown(() => proxy.close())
  const { ledger, next } = openReplica(t, { ...redis, address: `redis://127.0.0.1:${proxy.port}` }, t.testdir())
  await ledger.ready()
  // The first call of a script sends its text; the next ones its hash alone.
  await ledger.settle(await reserve(ledger), anOutcome(1, 1, 5))
  const reservation = await reserve(ledger)
  // What it has now is what it will come back with.
  await client().save()
  const lost = proxy.loseReply('evalsha')
  t.equal(await ledger.settle(reservation, anOutcome(1, 1, 7)), 'spooled')
  await lost
  await until(() => ledger.health().spooled === 0)
  t.same((await rowsOf(ledger)).map(({ costNanoUsd }) => costNanoUsd), [5, 7])
  const loss = next('loss')
  await redis.restart()
  await loss
  t.same((await rowsOf(ledger)).map(({ costNanoUsd }) => costNanoUsd), [5, 7])
})
