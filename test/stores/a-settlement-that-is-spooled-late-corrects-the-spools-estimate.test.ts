import t from 'tap'
import { Spool } from '../../src/stores/redis/ledger-spool.ts'
import type { Said } from '../../src/stores/redis/ledger-ring.ts'
import { aRequest, anOutcome, ridAt } from '../helpers/metering.ts'
import { TestClock } from './ledger-scene.ts'

// The process stood still for so long that its own lease ran out, while Redis was away.
void t.test('what was really used arrives, whatever was estimated', async t => {
  const clock = new TestClock()
  const spool = new Spool({ folder: t.testdir(), timeZone: 'UTC', clock: clock.micros })
  t.teardown(() => spool.close())
  const admission = await spool.use(ledger => ledger.admit(aRequest(ridAt(clock.ms))))
  if (!admission.admitted || admission.reservation === null) throw new Error('not admitted')
  const { reservation } = admission
  clock.ms += 31_000
  const said: Said[] = []
  const take = async (one: Said): Promise<void> => { said.push(one) }
  await spool.use(async ledger => {
    await ledger.reap()
    for (let twice = 0; twice < 2; twice++) await ledger.record('settled', reservation, anOutcome(10, 20, 300))
  })
  await spool.drain(take)
  t.match(said.map(({ kind, outcome }) => [kind, outcome.costNanoUsd]), [['estimated', 100], ['correction', 200]])
  t.equal(said.length, 2)
})
