import { test } from 'tap'
import type { Test } from 'tap'
import { RequestClosedError } from '../../src/metering/admission.ts'
import type { Admitted } from '../../src/metering/admission.ts'
import { dedupeHorizonMs, leaseMs, reservationOfRow } from '../../src/metering/reservation.ts'
import { anOutcome, aRule, ridAt } from '../helpers/metering.ts'
import { reservationOf, Scene, TestClock } from './ledger-scene.ts'
import type { OpenPlace } from './ledger-scene.ts'

const requests = aRule({ metric: 'requests_per_minute', limit: 3 })
const tokens = aRule({ metric: 'tokens_per_minute', limit: 250 })
const daily = aRule({ metric: 'requests_per_day', limit: 2 })
const places = aRule({ metric: 'concurrency', limit: 2 })
const spend = aRule({ metric: 'spend_per_month', limit: 2500 })
const keySpend = aRule({ id: 'key-spend', scope: 'key', metric: 'spend_per_month', limit: 1500 })
const all = [requests, tokens, daily, places, spend]

/** What every ledger does, wherever it is kept. */
export function ledgerContract (place: string, open: OpenPlace): void {
  const check = (behaviour: string, body: (t: Test, scene: Scene) => Promise<void>): void => {
    void test(`${place}: ${behaviour}`, async t => {
      const clock = new TestClock()
      await body(t, new Scene(clock, await open(t, clock)))
    })
  }

  check('what is reserved is taken from every limit, and what is not used comes back', async (t, scene) => {
    t.same(await scene.left(all), [3, 250, 2, 2, 2500])
    const reservation = await scene.reserve({ rules: all })
    t.same(await scene.left(all), [2, 150, 1, 1, 1500])
    t.equal(await scene.ledger.settle(reservation, anOutcome(10, 30, 400)), 'recorded')
    t.same(await scene.left(all), [2, 210, 1, 2, 2100])
  })

  check('an admission tells where every limit stands after it', async (t, scene) => {
    const admission = await scene.admit(requests, spend)
    t.same(admission.limits.map(({ remaining, resetMs }) => [remaining, Math.ceil(resetMs / 1000)])[0], [2, 20])
    t.equal(admission.limits[1]?.remaining, 1500)
    t.notOk(admission.degraded)
  })

  check('each limit denies what is over it, and a denied request takes nothing', async (t, scene) => {
    for (const [rule, kind] of [[requests, 'rate'], [tokens, 'rate'], [daily, 'rate'], [places, 'concurrency'], [spend, 'spend']] as const) {
      const keyed = { ...rule, id: `${rule.id}-alone` }
      let admission = await scene.admit(keyed)
      for (let round = 0; round < 3 && admission.admitted; round++) admission = await scene.admit(keyed)
      t.match(admission, { admitted: false, denial: { kind, rule: keyed, limit: rule.limit } })
      const before = await scene.left([keyed, requests])
      await scene.admit(keyed, requests)
      t.same(await scene.left([keyed, requests]), before)
      for (const reservation of await scene.open()) await scene.ledger.void(reservation, 'cleared')
    }
  })

  check('a request larger than the bucket can never pass', async (t, scene) => {
    t.match(await scene.admit({ ...tokens, limit: 99 }), { admitted: false, denial: { kind: 'size', retryAfterMs: null } })
  })

  check('a bucket refills evenly', async (t, scene) => {
    for (let round = 0; round < 3; round++) await scene.admit(requests)
    t.match(await scene.admit(requests), { admitted: false, denial: { retryAfterMs: 20_000, current: 3 } })
    scene.clock.ms += 19_999
    t.notOk((await scene.admit(requests)).admitted)
    scene.clock.ms += 1
    t.ok((await scene.admit(requests)).admitted)
    t.notOk((await scene.admit(requests)).admitted)
  })

  check('the same rid gets the first decision again and is reserved once', async (t, scene) => {
    const request = scene.request({ rules: all })
    const first = reservationOf(await scene.ledger.admit(request))
    scene.clock.ms += 40 * 86_400_000
    const again = reservationOf(await scene.ledger.admit(request))
    t.equal(again.period, first.period)
    t.same(await scene.left([places]), [1])
    t.equal(await scene.ledger.settle(again, anOutcome(10, 10, 7)), 'recorded')
    t.same(await scene.left([places]), [2])
    t.equal((await scene.rows()).length, 1)
  })

  check('settling is idempotent, and whatever came first counts', async (t, scene) => {
    const settled = await scene.reserve({ rules: all })
    t.equal(await scene.ledger.settle(settled, anOutcome(10, 30, 400)), 'recorded')
    t.equal(await scene.ledger.settle(settled, anOutcome(10, 30, 999)), 'repeated')
    t.equal(await scene.ledger.void(settled, 'late'), 'repeated')
    const voided = await scene.reserve({ rules: all })
    t.equal(await scene.ledger.void(voided, 'upstream_unreachable'), 'recorded')
    t.equal(await scene.ledger.settle(voided, anOutcome(10, 30, 400)), 'repeated')
    t.same((await scene.rows()).map(({ seq, kind, costNanoUsd, status }) => [seq, kind, costNanoUsd, status]), [
      [1, 'settled', 400, '200'], [2, 'void', 0, 'upstream_unreachable']
    ])
    t.same(await scene.left([spend, places]), [2100, 2])
    await t.rejects(scene.ledger.admit({ ...scene.request(), rid: settled.rid }), RequestClosedError)
  })

  check('a void gives everything back', async (t, scene) => {
    await scene.ledger.void(await scene.reserve({ rules: all }), 'client_abort')
    t.same(await scene.left(all), [3, 250, 2, 2, 2500])
  })

  check('a void of a request that was never admitted refuses its late admission, and is no row', async (t, scene) => {
    const other = await scene.reserve()
    const never = { ...other, rid: ridAt(scene.clock.ms) }
    t.equal(await scene.ledger.void(never, 'no answer'), 'tombstone')
    t.equal(await scene.ledger.void(never, 'no answer'), 'repeated')
    await t.rejects(scene.ledger.admit({ ...scene.request(), rid: never.rid }), RequestClosedError)
    t.same(await scene.rows(), [])
  })

  check('a lease that runs out is billed by what was last seen, and corrected by a late settlement, once', async (t, scene) => {
    const reservation = await scene.reserve({ rules: all })
    scene.clock.ms += 10_000
    Object.assign(reservation.seen, { inputTokens: 12, outputTokens: 5, costNanoUsd: 150 })
    await scene.ledger.renew([reservation])
    scene.clock.ms += leaseMs - 1
    t.equal(await scene.ledger.reap(), 0)
    scene.clock.ms += 1
    t.equal(await scene.ledger.reap(), 1)
    t.equal(await scene.ledger.reap(), 0)
    t.same(await scene.left([places, spend]), [2, 2350])
    t.equal(await scene.ledger.settle(reservation, anOutcome(11, 80, 900)), 'corrected')
    t.equal(await scene.ledger.settle(reservation, anOutcome(11, 80, 900)), 'repeated')
    t.same(await scene.left([spend]), [1600])
    const rows = await scene.rows()
    t.same(rows.map(({ kind, source, usage, costNanoUsd }) => [kind, source, usage.inputTokens, usage.outputTokens, costNanoUsd]), [
      ['estimated', 'estimated', 12, 5, 150], ['correction', 'provider', -1, 75, 750]
    ])
  })

  check('an estimate bills at once what may have been used, and a later settlement corrects it, once', async (t, scene) => {
    const reservation = await scene.reserve({ rules: all })
    const worst = { ...anOutcome(10, 90, 1000), source: 'estimated' as const }
    t.equal(await scene.ledger.estimate(reservation, worst), 'recorded')
    t.equal(await scene.ledger.estimate(reservation, worst), 'repeated')
    t.same(await scene.left([places, spend]), [2, 1500], 'its place is free, and all of its cost is spent')
    scene.clock.ms += 2 * leaseMs
    t.equal(await scene.ledger.reap(), 0)
    // Whoever learns what was used knows no more of the request than its row does.
    const later = reservationOfRow('proj_a', reservation)
    t.equal(await scene.ledger.settle(later, anOutcome(11, 30, 400)), 'corrected')
    t.equal(await scene.ledger.settle(later, anOutcome(11, 30, 400)), 'repeated')
    t.equal(await scene.ledger.estimate(later, worst), 'repeated')
    t.same(await scene.left([spend]), [2100])
    t.same((await scene.rows()).map(({ kind, source, usage, costNanoUsd }) => [kind, source, usage.inputTokens, usage.outputTokens, costNanoUsd]), [
      ['estimated', 'estimated', 10, 90, 1000], ['correction', 'provider', 1, -60, -600]
    ])
    const settled = await scene.reserve()
    await scene.ledger.settle(settled, anOutcome(1, 1, 1))
    t.equal(await scene.ledger.estimate(settled, worst), 'repeated')
  })

  check('who knows no more of an open request than its row will say can settle it', async (t, scene) => {
    const reservation = await scene.reserve({ rules: [places, spend] })
    t.equal(await scene.ledger.settle(reservationOfRow('proj_a', reservation), anOutcome(1, 1, 400)), 'recorded')
    t.same(await scene.left([places, spend]), [2, 2100])
    t.same(await scene.open(), [])
  })

  check('a late void corrects an estimate to nothing', async (t, scene) => {
    const reservation = await scene.reserve()
    scene.clock.ms += leaseMs
    await scene.ledger.reap()
    t.equal(await scene.ledger.void(reservation, 'upstream_unreachable'), 'corrected')
    t.same((await scene.rows()).map(({ kind, costNanoUsd }) => [kind, costNanoUsd]), [['estimated', 100], ['correction', -100]])
    t.same(await scene.left([spend]), [2500])
  })

  check('a request that ended is not renewed, and one whose lease was lost is leased again', async (t, scene) => {
    const ended = await scene.reserve({ rules: [places] })
    await scene.ledger.settle(ended, anOutcome(1, 1, 1))
    const lost = { ...ended, rid: ridAt(scene.clock.ms) }
    await scene.ledger.renew([ended, lost])
    t.same(await scene.left([places, spend]), [1, 1499])
    scene.clock.ms += leaseMs
    t.equal(await scene.ledger.reap(), 1)
    t.same((await scene.rows()).map(({ rid, kind }) => [rid, kind]), [[ended.rid, 'settled'], [lost.rid, 'estimated']])
  })

  check('a settlement without a reservation is recorded, but not of a request too old to be remembered', async (t, scene) => {
    const { seen, ...known } = await scene.reserve()
    const unknown = { ...known, seen, rid: ridAt(scene.clock.ms) }
    t.equal(await scene.ledger.settle(unknown, anOutcome(1, 1, 50)), 'recorded')
    t.equal(await scene.ledger.settle(unknown, anOutcome(1, 1, 50)), 'repeated')
    const old = { ...unknown, rid: ridAt(scene.clock.ms - dedupeHorizonMs - 1) }
    t.equal(await scene.ledger.settle(old, anOutcome(1, 1, 50)), 'stale')
    t.same(await scene.left([spend]), [2500 - 1000 - 50])
  })

  check('a month pays for what was admitted in it', async (t, scene) => {
    scene.clock.ms = Date.UTC(new Date(scene.clock.ms).getUTCFullYear() + 1, 0, 1) - 1
    const december = await scene.reserve({ rules: [spend] })
    scene.clock.ms += 1
    const january = await scene.reserve({ rules: [spend] })
    t.not(december.period, january.period)
    t.same(await scene.left([spend]), [1500])
    await scene.ledger.settle(december, anOutcome(1, 1, 1000))
    t.same(await scene.left([spend]), [1500])
    t.same((await scene.rows()).map(({ period }) => period), [december.period])
  })

  check('each key has its own of a key\'s rules, and all count for the project', async (t, scene) => {
    await scene.reserve({ rules: [keySpend, spend] })
    t.match(await scene.ledger.admit(scene.request({ rules: [keySpend, spend] })), { denial: { rule: keySpend } })
    await scene.reserve({ rules: [keySpend, spend], keyId: 'key_b' })
    t.same(await scene.left([keySpend, spend], 'key_a'), [500, 500])
    t.same(await scene.left([keySpend, spend], 'key_b'), [500, 500])
    const keyRequests = { ...requests, id: 'key-requests', scope: 'key' as const, limit: 1 }
    t.ok((await scene.admit(keyRequests)).admitted)
    t.notOk((await scene.admit(keyRequests)).admitted)
    t.same(await scene.left([keyRequests], 'key_b'), [1])
  })

  check('without a price the cost is unknown, and a spent budget refuses it all the same', async (t, scene) => {
    const unpriced = { inputTokens: 1, maxOutputTokens: 1, costNanoUsd: null, promptCostNanoUsd: null }
    const reservation = await scene.reserve({ rules: [spend], estimate: unpriced })
    await scene.ledger.settle(reservation, anOutcome(1, 1, null))
    await scene.ledger.settle(await scene.reserve(), anOutcome(1, 1, 2500))
    t.match(await scene.ledger.admit(scene.request({ rules: [spend], estimate: unpriced })), { denial: { kind: 'spend', current: 2500 } })
    t.same((await scene.rows()).map(({ costNanoUsd }) => costNanoUsd), [null, 2500])
  })

  check('a rule in shadow reports what it would have denied, and takes what it lets through', async (t, scene) => {
    const shadow = { ...requests, limit: 1, shadow: true }
    t.equal((await scene.admit(shadow)).limits[0]?.exceeded, false)
    t.match(await scene.admit(shadow), { admitted: true, limits: [{ exceeded: true, remaining: 0 }] })
    const shadowPlaces = { ...places, limit: 1, shadow: true }
    await scene.reserve({ rules: [shadowPlaces] })
    const over = await scene.ledger.admit(scene.request({ rules: [shadowPlaces] })) as Admitted
    t.equal(over.limits[0]?.exceeded, true)
    await scene.ledger.settle(reservationOf(over), anOutcome(1, 1, 1))
    t.same(await scene.left([shadowPlaces]), [0])
  })

  check('a hit is a row at once: one request, no tokens, no cost, no lease', async (t, scene) => {
    const request = scene.request({ rules: all, hit: true })
    t.match(await scene.ledger.admit(request), { admitted: true, reservation: null })
    t.match(await scene.ledger.admit(request), { admitted: true, reservation: null }, 'again')
    t.same(await scene.left(all), [2, 250, 1, 2, 2500])
    t.same((await scene.rows()).map(({ kind, costNanoUsd, usage }) => [kind, costNanoUsd, usage.inputTokens]), [['hit', 0, 0]])
    scene.clock.ms += leaseMs
    t.equal(await scene.ledger.reap(), 0)
  })

  check('usage is read by hour, minute and day, grouped and filtered', async (t, scene) => {
    const start = Math.floor(scene.clock.ms / 86_400_000) * 86_400_000 + 86_400_000
    scene.clock.ms = start + 30_000
    await scene.ledger.settle(await scene.reserve(), anOutcome(10, 30, 400))
    await scene.ledger.settle(await scene.reserve({ keyId: 'key_b', model: 'gpt|4|x' }), anOutcome(1, 2, null))
    await scene.ledger.void(await scene.reserve(), 'client_abort')
    scene.clock.ms = start + 3_600_000
    await scene.ledger.admit(scene.request({ projectId: 'proj_b', hit: true, endpoint: 'responses' }))
    const query = {
      startMs: start, endMs: start + 7_200_000, width: 'hour', groupBy: [], projectIds: null, keyIds: null, models: null, endpoints: null, limit: 24
    } as const
    const { buckets, nextStartMs } = await scene.ledger.usage(query)
    t.equal(nextStartMs, null)
    t.match(buckets, [
      { startMs: start, results: [{ requests: 2, inputTokens: 11, outputTokens: 32, costNanoUsd: 400, unpriced: 1, voids: 1, hits: 0 }] },
      { results: [{ requests: 1, hits: 1, costNanoUsd: 0 }] }
    ])
    const byModel = await scene.ledger.usage({ ...query, groupBy: ['model'], projectIds: ['proj_a'], width: 'day', limit: 1 })
    const models = byModel.buckets[0]?.results.map(({ model, inputTokens }) => [model, inputTokens])
    t.same(models?.sort(), [['gpt-5', 10], ['gpt|4|x', 1]])
    const twice = await scene.ledger.usage({ ...query, projectIds: ['proj_a', 'proj_b', 'proj_a'] })
    t.same(twice.buckets, buckets, 'a project that is named twice counts once')
    const minutes = await scene.ledger.usage({ ...query, width: 'minute', limit: 2, endpoints: ['chat.completions'] })
    t.same(minutes.buckets.map(({ results }) => results[0]?.inputTokens), [11, undefined])
    t.equal(minutes.nextStartMs, start + 120_000)
  })

  check('a process that starts anew finds everything as it was', async (t, scene) => {
    const open = await scene.reserve({ rules: all })
    await scene.ledger.settle(await scene.reserve({ rules: all }), anOutcome(10, 30, 400))
    const before = await scene.left(all)
    await scene.restart()
    t.same(await scene.left(all), before)
    t.equal(await scene.ledger.settle(open, anOutcome(1, 1, 100)), 'recorded')
    await scene.restart()
    t.equal(await scene.ledger.settle(open, anOutcome(1, 1, 100)), 'repeated')
    const orphan = await scene.reserve({ rules: [places, spend] })
    await scene.restart()
    scene.clock.ms += leaseMs
    t.equal(await scene.ledger.reap(), 1)
    await scene.restart()
    t.equal(await scene.ledger.settle(orphan, anOutcome(1, 1, 100)), 'corrected')
    t.same((await scene.rows()).map(({ seq, kind }) => [seq, kind]), [[1, 'settled'], [2, 'settled'], [3, 'estimated'], [4, 'correction']])
  })

  check('one project\'s use is nobody else\'s, but for the organization\'s total', async (t, scene) => {
    const total = aRule({ id: 'total', scope: 'organization', metric: 'spend_per_month', limit: 2500 })
    await scene.reserve({ rules: [spend, total] })
    await scene.reserve({ rules: [spend, total], projectId: 'proj_b' })
    t.same(await scene.left([spend]), [1500])
    t.match(await scene.ledger.admit(scene.request({ rules: [total], projectId: 'proj_c' })), { denial: { kind: 'spend', rule: total, current: 2000 } })
  })
}
