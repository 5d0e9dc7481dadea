import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { SqliteLedger } from '../../src/stores/sqlite/ledger.ts'
import { startRedis } from '../helpers/redis.ts'
import { anOutcome, aRule } from '../helpers/metering.ts'
import { until } from '../helpers/until.ts'
import { differencesIn, newRequest, openReplica, reserve, rowsOf } from './resilient-scene.ts'

const places = [aRule({ metric: 'concurrency', limit: 10 })]

test('what a process left behind is handed on by the next one, and billed by what was seen of it', async t => {
  const redis = await startRedis(t)
  const folder = t.testdir()
  // A process that died a minute ago, while Redis was away.
  const dead = new SqliteLedger({ path: join(folder, 'spool-0.db'), timeZone: 'UTC', durability: 'power', clock: () => (Date.now() - 60_000) * 1000 })
  await dead.settle(await reserve(dead, { failureMode: 'local' }), anOutcome(1, 1, 70))
  const orphan = await reserve(dead, { failureMode: 'local' })
  await dead.close()

  const { ledger, next } = openReplica(t, redis, folder)
  await next('drained')
  const rows = await rowsOf(ledger)
  t.same(rows.map(({ kind, costNanoUsd }) => [kind, costNanoUsd]).sort(), [['estimated', 100], ['settled', 70]])
  t.equal(rows.find(({ kind }) => kind === 'estimated')?.rid, orphan.rid)
  t.same(await differencesIn(ledger), [])
  await until(() => !readdirSync(folder).some(name => name.startsWith('spool')))
})

test('a spooled ending gives back what was reserved in Redis, however it comes there', async t => {
  const redis = await startRedis(t, '--appendonly', 'yes', '--appendfsync', 'always')
  const folder = t.testdir()
  const first = openReplica(t, redis, folder)
  await first.ledger.ready()
  const reservation = await reserve(first.ledger, { rules: places })
  await redis.kill()
  t.equal(await first.ledger.settle(reservation, anOutcome(1, 1, 7)), 'spooled')
  await first.ledger.close()

  await redis.restart()
  const second = openReplica(t, redis, folder)
  await second.next('drained')
  t.match(await second.ledger.limits('proj_a', 'key_a', places), [{ remaining: 10 }])
  t.equal(await second.ledger.settle(reservation, anOutcome(1, 1, 7)), 'repeated')
  t.same(await differencesIn(second.ledger), [])
})

test('processes of one machine have a file each', async t => {
  const redis = await startRedis(t)
  const folder = t.testdir()
  const replicas = [openReplica(t, redis, folder), openReplica(t, redis, folder)]
  await redis.kill()
  for (const { ledger } of replicas) t.ok((await ledger.admit(newRequest({ failureMode: 'local' }))).admitted)
  t.same(readdirSync(folder).filter(name => name.endsWith('.db')).sort(), ['spool-0.db', 'spool-1.db'])
})
