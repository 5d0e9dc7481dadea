import t from 'tap'
import { anOutcome, aRule } from '../helpers/metering.ts'
import { Proxy } from '../helpers/proxy.ts'
import { until } from '../helpers/until.ts'
import { newRequest, openReplica, reserve, resilientScene } from './resilient-scene.ts'

/** Each request reserves 1000. */
const budget = { rules: [aRule({ metric: 'spend_per_month', limit: 5000 })] }

t.test('nothing is let in before every replica has said what it knows to have been spent', async t => {
  const { redis, ledger, client, next } = await resilientScene(t)
  const proxy = await Proxy.start(redis.port)
  t.teardown(() => proxy.close())
  const other = openReplica(t, { ...redis, address: `redis://127.0.0.1:${proxy.port}` }, t.testdir())
  await Promise.all([ledger.ready(), other.ledger.ready()])
  const spender = client()
  await until(async () => await spender.zcard('tg:replicas') === 2)
  await ledger.settle(await reserve(ledger, budget), anOutcome(1, 1, 900))
  // What it has now is what it will come back with.
  await spender.save()
  await other.ledger.settle(await reserve(other.ledger, budget), anOutcome(1, 1, 3500))
  const open = await reserve(other.ledger, { rules: budget.rules, estimate: { inputTokens: 1, maxOutputTokens: 1, costNanoUsd: 500, promptCostNanoUsd: 1 } })

  const loss = next('loss')
  const nowhere = await Proxy.start(0)
  proxy.redirect(nowhere.port)
  await nowhere.close()
  await redis.restart()
  await loss
  await t.rejects(ledger.admit(newRequest(budget)), { name: 'StoreUnavailableError' }, 'the other replica has not said anything yet')
  t.ok((await ledger.admit(newRequest({ projectId: 'proj_free' }))).admitted, 'without a budget there is nothing to wait for')
  proxy.redirect(redis.port)
  await other.next('loss')
  await until(async () => await ledger.admit(newRequest(budget)).then(() => true, () => false))
  t.match(await ledger.admit(newRequest(budget)), { admitted: false, denial: { kind: 'spend' }, limits: [{ remaining: 5000 - 900 - 3500 - 500 }] })
  await other.ledger.void(open, 'over')
})
