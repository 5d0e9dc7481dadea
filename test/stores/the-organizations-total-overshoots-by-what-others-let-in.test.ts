import t from 'tap'
import type { RedisLedger } from '../../src/stores/redis/ledger.ts'
import type { AdmitRequest } from '../../src/metering/reservation.ts'
import type { Ledger } from '../../src/stores/ledger.ts'
import { startRedis } from '../helpers/redis.ts'
import { anOutcome, aRequest, aRule, ridAt } from '../helpers/metering.ts'
import { connectLedger } from './redis-ledger.ts'

const redis = await startRedis(t)
const cost = 1000
let databases = 0

async function replicas (test: Pick<typeof t, 'teardown'>, totalMaxAge: number): Promise<[RedisLedger, RedisLedger]> {
  const address = `${redis.address}/${databases++}`
  const open = async (): Promise<RedisLedger> => {
    const ledger = await connectLedger(address, { totalMaxAge })
    test.teardown(() => ledger.close())
    return ledger
  }
  return [await open(), await open()]
}

const total = (limit: number) => [aRule({ id: 'total', scope: 'organization', metric: 'spend_per_month', limit })]

/** Asks until it is denied. Returns what was let in, nano-USD. */
async function spendAll (ledger: Ledger, projectId: string, limit: number): Promise<number> {
  for (let spent = 0; ; spent += cost) {
    const admission = await ledger.admit(aRequest(ridAt(Date.now()), { projectId, rules: total(limit) }))
    if (!admission.admitted) return spent
  }
}

void t.test('read before every request, the total is never passed', async t => {
  const [a, b] = await replicas(t, 0)
  const spent = await spendAll(a, 'proj_a', 5000) + await spendAll(b, 'proj_b', 8000)
  t.equal(spent, 8000)
  t.equal(await spendAll(a, 'proj_c', 8000), 0)
})

void t.test('between two readings a replica counts what it lets in itself, and not what the others do', async t => {
  const [a, b] = await replicas(t, 3_600_000)
  t.equal(await spendAll(a, 'proj_a', 5000), 5000, 'its own')
  t.equal(await spendAll(b, 'proj_b', 5000), 0, 'the other one reads it with its first request')
  const [c, d] = await replicas(t, 3_600_000)
  for (const ledger of [c, d]) await spendAll(ledger, 'proj_none', 0)
  const both = await spendAll(c, 'proj_c', 5000) + await spendAll(d, 'proj_d', 5000)
  t.equal(both, 10_000, 'at most one limit more for each other replica')
})

void t.test('what was settled for less is there for others again', async t => {
  const [a] = await replicas(t, 0)
  const admission = await a.admit(aRequest(ridAt(Date.now()), { rules: total(1000) }))
  t.equal(await spendAll(a, 'proj_b', 1000), 0)
  if (admission.admitted && admission.reservation !== null) await a.settle(admission.reservation, anOutcome(1, 1, 0))
  t.equal(await spendAll(a, 'proj_b', 1000), 1000)
})

/** How many are let in of so many that ask at once, with two projects taking turns. */
async function askAtOnce (ledger: Ledger, count: number, rulesOf: (index: number) => AdmitRequest['rules']): Promise<number[]> {
  const admissions = await Promise.all(Array.from({ length: count }, (_, index) =>
    ledger.admit(aRequest(ridAt(Date.now()), { projectId: index % 2 === 0 ? 'proj_a' : 'proj_b', rules: rulesOf(index) }))))
  return admissions.flatMap(({ admitted }, index) => admitted ? [index] : [])
}

for (const maxAge of [0, 3_600_000]) {
  void t.test(`requests that a replica gets at once do not pass the total together (age ${maxAge})`, async t => {
    const [a] = await replicas(t, maxAge)
    t.equal((await askAtOnce(a, 150, () => total(5000))).length, 5)
    t.same(await askAtOnce(a, 20, () => total(5000)), [])
  })

  void t.test(`what another rule refuses at the same time takes no room (age ${maxAge})`, async t => {
    const [a] = await replicas(t, maxAge)
    const full = [aRule({ metric: 'spend_per_month', limit: 0 }), ...total(2000)]
    t.same(await askAtOnce(a, 150, index => index < 140 ? full : total(2000)), [140, 141])
  })
}
