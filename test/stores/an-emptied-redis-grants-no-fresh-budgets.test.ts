import { test } from 'tap'
import { LedgerForgotError } from '../../src/stores/ledger.ts'
import { anOutcome, aRule } from '../helpers/metering.ts'
import { differencesIn, newRequest, openReplica, reserve, resilientScene, rowsOf } from './resilient-scene.ts'

const budget = { rules: [aRule({ metric: 'spend_per_month', limit: 5000 })] }

test('projects with a budget are refused, the others go on, and the last minute is said again', async t => {
  const { redis, ledger, next } = await resilientScene(t)
  await ledger.ready()
  const open = await reserve(ledger, budget)
  await ledger.settle(await reserve(ledger, budget), anOutcome(1, 1, 900))
  const [forgotten, loss] = [next('forgotten'), next('loss')]
  await redis.restart()
  await forgotten
  await loss
  await t.rejects(ledger.admit(newRequest(budget)), { name: 'LedgerForgotError' })
  await t.rejects(ledger.admit(newRequest({ ...budget, failureMode: 'local' })), { name: 'LedgerForgotError' }, 'in every mode')
  t.ok((await ledger.admit(newRequest({ projectId: 'proj_free' }))).admitted)
  t.ok(ledger.health().forgot)
  t.same((await rowsOf(ledger)).map(({ costNanoUsd }) => costNanoUsd), [900])
  t.equal(await ledger.settle(open, anOutcome(1, 1, 50)), 'recorded')

  await ledger.acceptLoss()
  t.match(await ledger.admit(newRequest(budget)), { admitted: true, limits: [{ remaining: 5000 - 950 - 1000 }] })
  t.notOk(ledger.health().forgot)
  t.same(await differencesIn(ledger), [])
})

test('the next life of a replica, and other replicas, know that it was emptied', async t => {
  const { redis, ledger, folder, client, next } = await resilientScene(t)
  await ledger.ready()
  await reserve(ledger, budget)
  const other = openReplica(t, redis, t.testdir())
  await other.ledger.ready()
  await reserve(other.ledger, budget)
  await ledger.close()
  const forgotten = other.next('forgotten')
  await client().flushall()
  const again = openReplica(t, redis, folder)
  await again.next('forgotten')
  await t.rejects(again.ledger.admit(newRequest(budget)), { name: 'LedgerForgotError' })
  await forgotten
  await t.rejects(other.ledger.admit(newRequest(budget)), { name: 'LedgerForgotError' })
  await again.ledger.acceptLoss()
  t.ok((await other.ledger.admit(newRequest(budget))).admitted, 'accepted once, for all replicas')
  void next
})

test('a part of a cluster that was emptied is noticed by the project it had', async t => {
  const { ledger, client } = await resilientScene(t)
  await ledger.ready()
  await reserve(ledger, budget)
  await reserve(ledger, { ...budget, projectId: 'proj_b' })
  const meddler = client()
  await meddler.del(...await meddler.keys('tg:{proj_a}:*'))
  await t.rejects(ledger.admit(newRequest(budget)), LedgerForgotError)
  t.ok((await ledger.admit(newRequest({ ...budget, projectId: 'proj_b' }))).admitted)
})
