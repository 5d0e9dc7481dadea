import { test } from 'tap'
import { until } from '../helpers/until.ts'
import { assertExact, LedgerLoad } from './ledger-load.ts'
import { resilientScene } from './resilient-scene.ts'

const workers = 16

test('Redis is killed under load, and comes back', async t => {
  const { redis, ledger } = await resilientScene(t, '--appendonly', 'yes', '--appendfsync', 'always')
  await ledger.ready()
  const load = new LedgerLoad(ledger, workers)
  for (let kills = 1; kills <= 3; kills++) {
    const before = load.truth.size
    await until(() => load.truth.size > before + 300)
    await redis.kill()
    const refused = load.refused
    await until(() => load.refused > refused)
    await redis.restart()
  }
  const before = load.truth.size
  await until(() => load.truth.size > before + 300)
  await load.stop()
  await until(() => ledger.health().spooled === 0)
  t.ok(load.truth.size > 1200)
  await assertExact(t, ledger, load.truth)
})

test('Redis hangs under load, and goes on', async t => {
  const { redis, ledger, next } = await resilientScene(t)
  await ledger.ready()
  const load = new LedgerLoad(ledger, workers)
  await until(() => load.truth.size > 300)
  const unavailable = next('unavailable')
  redis.process.kill('SIGSTOP')
  await unavailable
  const available = next('available')
  redis.process.kill('SIGCONT')
  await available
  const before = load.truth.size
  await until(() => load.truth.size > before + 300)
  await load.stop()
  await until(() => ledger.health().spooled === 0)
  t.ok(load.refused > 0)
  await assertExact(t, ledger, load.truth)
})

test('its scripts are flushed again and again', async t => {
  const { ledger, client } = await resilientScene(t)
  await ledger.ready()
  const load = new LedgerLoad(ledger, workers)
  const meddler = client()
  for (let flushes = 1; flushes <= 20; flushes++) {
    const before = load.truth.size
    await until(() => load.truth.size > before + 30)
    await meddler.script('FLUSH')
  }
  await load.stop()
  t.equal(load.refused, 0)
  await assertExact(t, ledger, load.truth)
})

test('it takes over that is behind: what this replica ended in the last minute is said again', async t => {
  const { redis, ledger, client, next } = await resilientScene(t)
  await ledger.ready()
  const load = new LedgerLoad(ledger, workers)
  await until(() => load.truth.size > 300)
  // What it has now is what it will come back with.
  await client().save()
  const before = load.truth.size
  await until(() => load.truth.size > before + 500)
  await redis.kill()
  const loss = next('loss')
  await redis.restart()
  await loss
  await load.stop()
  await until(() => ledger.health().spooled === 0)
  await assertExact(t, ledger, load.truth)
})

test('its memory is full: nothing more is let in, and what is under way is settled', async t => {
  const { ledger, client } = await resilientScene(t)
  await ledger.ready()
  const load = new LedgerLoad(ledger, workers)
  await until(() => load.truth.size > 300)
  const meddler = client()
  await meddler.config('SET', 'maxmemory', '1mb')
  await until(() => load.refused > workers)
  await meddler.config('SET', 'maxmemory', '0')
  const before = load.truth.size
  await until(() => load.truth.size > before + 100)
  await load.stop()
  await until(() => ledger.health().spooled === 0)
  await assertExact(t, ledger, load.truth)
})

test('it becomes read-only, as after a failover, and a master again', async t => {
  const { ledger, client } = await resilientScene(t)
  await ledger.ready()
  const load = new LedgerLoad(ledger, workers)
  await until(() => load.truth.size > 300)
  const meddler = client()
  await meddler.config('SET', 'min-replicas-to-write', '1')
  await until(() => load.refused > workers)
  await meddler.config('SET', 'min-replicas-to-write', '0')
  const before = load.truth.size
  await until(() => load.truth.size > before + 100)
  await load.stop()
  await until(() => ledger.health().spooled === 0)
  await assertExact(t, ledger, load.truth)
})
