import { readdirSync } from 'node:fs'
import { test } from 'tap'
import { anOutcome, aRule } from '../helpers/metering.ts'
import { until } from '../helpers/until.ts'
import { differencesIn, newRequest, openReplica, reservationOf, reserve, resilientScene, rowsOf } from './resilient-scene.ts'

const unavailable = { message: 'the ledger did not answer' }
const requests = aRule({ metric: 'requests_per_minute', limit: 3 })
const spend = aRule({ metric: 'spend_per_month', limit: 3400 })

test('closed: nothing is let in, but what is under way is settled and arrives when Redis is back', async t => {
  const { redis, ledger, next } = await resilientScene(t, '--appendonly', 'yes', '--appendfsync', 'always')
  await ledger.ready()
  const open = await Promise.all([reserve(ledger), reserve(ledger), reserve(ledger)])
  await redis.kill()
  await t.rejects(ledger.admit(newRequest()), unavailable)
  for (const reservation of open) t.equal(await ledger.settle(reservation, anOutcome(1, 1, 50)), 'spooled')
  t.equal(ledger.health().spooled, 3)

  const drained = next('drained')
  await redis.restart()
  await drained
  const rows = await rowsOf(ledger)
  t.same(rows.map(({ kind, costNanoUsd }) => [kind, costNanoUsd]), [['settled', 50], ['settled', 50], ['settled', 50]])
  t.same(await differencesIn(ledger), [])
  t.equal(ledger.health().spooled, 0)
  t.ok((await ledger.admit(newRequest())).admitted)
})

test('local: the share of each limit is let in, what is left of a budget with it, and all of it arrives', async t => {
  const { redis, ledger, next } = await resilientScene(t, '--appendonly', 'yes', '--appendfsync', 'always')
  await ledger.ready()
  const local = { failureMode: 'local' as const, rules: [spend] }
  await ledger.settle(await reserve(ledger, local), anOutcome(1, 1, 900))
  await reserve(ledger, local)
  await redis.kill()

  const alone = await ledger.admit(newRequest(local))
  t.ok(alone.degraded)
  t.equal(await ledger.settle(reservationOf(alone), anOutcome(1, 1, 600)), 'spooled')
  t.match(await ledger.admit(newRequest(local)), { admitted: false, degraded: true, denial: { kind: 'spend', rule: spend } }, 'the budget that was left is spent')
  for (let round = 0; round < 3; round++) t.ok((await ledger.admit(newRequest({ ...local, rules: [requests] }))).admitted)
  t.match(await ledger.admit(newRequest({ ...local, rules: [requests] })), { admitted: false, denial: { kind: 'rate' } })

  const drained = next('drained')
  await redis.restart()
  await drained
  t.same((await rowsOf(ledger)).map(({ kind, costNanoUsd }) => [kind, costNanoUsd]), [['settled', 900], ['settled', 600]])
  t.same(await differencesIn(ledger), [])
})

test('local: what was left of a budget before an outage is not shared out again in the next', async t => {
  const { redis, ledger, next } = await resilientScene(t, '--appendonly', 'yes', '--appendfsync', 'always')
  await ledger.ready()
  const local = { failureMode: 'local' as const, rules: [spend] }
  await ledger.void(await reserve(ledger, local), 'not_dispatched')
  await redis.kill()
  let count = 0
  for (let admission = await ledger.admit(newRequest(local)); admission.admitted; admission = await ledger.admit(newRequest(local))) {
    await ledger.settle(reservationOf(admission), anOutcome(1, 1, 1000))
    count++
  }
  t.equal(count, 2)
  const drained = next('drained')
  await redis.restart()
  await drained
  await redis.kill()
  await t.rejects(ledger.admit(newRequest(local)), unavailable)
  t.ok((await ledger.admit(newRequest({ ...local, rules: [requests] }))).admitted, 'rates fill again by themselves')
})

test('local: of a limit of nothing, nobody has a share', async t => {
  const { redis, ledger } = await resilientScene(t)
  await ledger.ready()
  await redis.kill()
  for (const metric of ['requests_per_minute', 'tokens_per_minute', 'requests_per_day', 'concurrency'] as const) {
    const none = aRule({ metric, limit: 0 })
    for (const hit of [false, true]) {
      const admission = await ledger.admit(newRequest({ failureMode: 'local', rules: [none], hit }))
      const takesNothing = hit && (metric === 'tokens_per_minute' || metric === 'concurrency')
      if (takesNothing) t.ok(admission.admitted, `${metric}, a hit`)
      else t.match(admission, { admitted: false, denial: { kind: metric === 'concurrency' ? 'concurrency' : 'size', rule: none } }, metric)
    }
  }
})

test('a request that was let in alone is settled in Redis when that is back, and leaves nothing behind', async t => {
  const { redis, ledger, folder } = await resilientScene(t, '--appendonly', 'yes')
  await ledger.ready()
  await redis.kill()
  const reservation = await reserve(ledger, { failureMode: 'local' })
  await redis.restart()
  await ledger.ready()
  t.equal(await ledger.settle(reservation, anOutcome(1, 1, 5)), 'recorded')
  await until(() => !readdirSync(folder).some(name => name.startsWith('spool')))
  t.same((await rowsOf(ledger)).map(({ kind, rid }) => [kind, rid]), [['settled', reservation.rid]])
})

test('open: everything is let in up to a number of open requests', async t => {
  const { redis, ledger } = await resilientScene(t)
  await ledger.ready()
  await redis.kill()
  const open = { failureMode: 'open' as const, rules: [requests, spend] }
  for (let round = 0; round < 256; round++) t.ok((await ledger.admit(newRequest(open))).admitted)
  t.match(await ledger.admit(newRequest(open)), { admitted: false, degraded: true, denial: { kind: 'concurrency' } })
})

test('a hit is let in alone, too', async t => {
  const { redis, ledger, next } = await resilientScene(t, '--appendonly', 'yes')
  await ledger.ready()
  await redis.kill()
  t.match(await ledger.admit(newRequest({ failureMode: 'local', hit: true })), { admitted: true, reservation: null, degraded: true })
  const drained = next('drained')
  await redis.restart()
  await drained
  t.same((await rowsOf(ledger)).map(({ kind }) => kind), ['hit'])
})

test('before Redis is there for the first time the modes hold as well', async t => {
  const { redis, folder } = await resilientScene(t)
  await redis.kill()
  const { ledger } = openReplica(t, redis, folder)
  await t.rejects(ledger.admit(newRequest()), unavailable)
  t.ok((await ledger.admit(newRequest({ failureMode: 'local' }))).degraded)
})
