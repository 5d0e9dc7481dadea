import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { test } from 'tap'
import { reservationOfRow } from '../../src/metering/reservation.ts'
import { ReplayRing } from '../../src/stores/redis/ledger-ring.ts'
import type { Said } from '../../src/stores/redis/ledger-ring.ts'
import { anOutcome, ridAt } from '../helpers/metering.ts'

const minute = 60_000
/** Whole blocks go at once. */
const perBlock = 13

function anEnding (model: string, costNanoUsd: number | null): Said {
  const reservation = {
    ...reservationOfRow('proj_a', { rid: ridAt(0), keyId: 'key_a', model, endpoint: 'responses', period: '2026-11' }),
    buckets: [{ limiter: 'requests_per_minute', ends: 1_795_000_000_123_456, limit: 600, window: 60_000_000, tokens: false }],
    held: ['concurrency']
  }
  return { kind: 'settled', reservation, outcome: anOutcome(10, 20, costNanoUsd) }
}

const endings = fc.tuple(fc.string({ unit: 'binary', maxLength: 200 }), fc.option(fc.nat())).map(([model, cost]) => anEnding(model, cost))

test('what comes out is what was put in, in its order', async t => {
  fc.assert(fc.property(fc.array(endings, { maxLength: 50 }), said => {
    const ring = new ReplayRing()
    for (const one of said) ring.add(one, 0)
    return isDeepStrictEqual(ring.all(), said)
  }), { numRuns: 50 })
  t.pass('whatever is in it')
})

test('nothing of the last minute is missing, and what is older goes', async t => {
  // A block is full after some twelve.
  const long = 'm'.repeat(20_000)
  fc.assert(fc.property(fc.array(fc.nat({ max: minute / 4 }), { minLength: 1, maxLength: 60 }), pauses => {
    const ring = new ReplayRing()
    let now = 0
    const times = pauses.map((pause, index) => {
      now += pause
      ring.add(anEnding(long, index), now)
      return now
    })
    const kept = ring.all().map(({ outcome }) => outcome.costNanoUsd ?? -1)
    const first = kept[0] ?? -1
    const needed = times.findIndex(time => time >= now - minute)
    return first <= needed && first > needed - perBlock && kept.every((index, place) => index === first + place) && kept.at(-1) === times.length - 1
  }), { numRuns: 50 })
  t.pass()
})

test('it holds 32 MB at most', async t => {
  const ring = new ReplayRing()
  const long = 'm'.repeat(100_000)
  for (let index = 0; index < 1_000; index++) ring.add(anEnding(long, index), 0)
  const kept = ring.all()
  t.ok(kept.length * 100_000 <= 32 * 2 ** 20, `${kept.length} endings`)
  t.equal(kept.at(-1)?.outcome.costNanoUsd, 999)
})

test('an ending larger than a block is kept whole', async t => {
  const ring = new ReplayRing()
  const said = anEnding('é'.repeat(300_000), 1)
  ring.add(said, 0)
  t.same(ring.all(), [said])
})
