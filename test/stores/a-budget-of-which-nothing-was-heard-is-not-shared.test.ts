import { test } from 'tap'
import { aRule } from '../helpers/metering.ts'
import { newRequest, resilientScene } from './resilient-scene.ts'

const spend = aRule({ metric: 'spend_per_month', limit: 3400 })

test('while Redis is away, a project whose budget nobody asked for since the start is let in by nobody, for it may be spent', async t => {
  const { redis, ledger } = await resilientScene(t)
  await ledger.ready()
  await redis.kill()
  const local = { failureMode: 'local' as const, rules: [spend] }
  await t.rejects(ledger.admit(newRequest(local)), { message: 'the ledger did not answer' })
  t.match(await ledger.admit(newRequest({ ...local, hit: true })), { admitted: true, degraded: true }, 'what costs nothing is')
  t.match(await ledger.admit(newRequest({ ...local, rules: [{ ...spend, shadow: true }] })), { admitted: true, degraded: true }, 'and what a shadow would refuse')
})
