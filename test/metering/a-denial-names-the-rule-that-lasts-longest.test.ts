import { test } from 'tap'
import { denialOf, effectsOf, viewOf } from '../../src/metering/limits.ts'
import type { Denial } from '../../src/metering/limits.ts'
import type { Demand } from '../../src/metering/reservation.ts'
import type { LimitRule } from '../../src/metering/rules.ts'
import { aRule } from '../helpers/metering.ts'

const now = 1_763_846_400_000_000
const periodEnd = now / 1000 + 86_400_000
const minute = 60_000_000
const demand = { tokens: 100, costNanoUsd: 50, hit: false }

const requests = aRule({ metric: 'requests_per_minute', limit: 60 })
const tokens = aRule({ metric: 'tokens_per_minute', limit: 1000 })
const spend = aRule({ metric: 'spend_per_month', limit: 1000 })
const places = aRule({ metric: 'concurrency', limit: 2 })

test('every kind of denial tells what is used, and when to come back', async t => {
  t.match(denied([requests], demand, [now + minute]), { kind: 'rate', limit: 60, current: 60, resetMs: 60_000, retryAfterMs: 1000 })
  t.match(denied([tokens], demand, [now + minute]), { kind: 'rate', limit: 1000, current: 1000, resetMs: 60_000, retryAfterMs: 6000 })
  t.match(denied([spend], demand, [960]), { kind: 'spend', limit: 1000, current: 960, resetMs: 86_400_000, retryAfterMs: null })
  t.match(denied([places], demand, [2]), { kind: 'concurrency', limit: 2, current: 2, resetMs: 0, retryAfterMs: 1000 })
  t.match(denied([tokens], { ...demand, tokens: 1001 }, [0]), { kind: 'size', retryAfterMs: null })
})

test('the one that lasts longest is named', async t => {
  const states = [now + minute, now + minute, 960]
  t.equal(denied([requests, tokens], demand, states)?.rule, tokens)
  t.equal(denied([requests, tokens, spend], demand, states)?.rule, spend)
  t.equal(denied([spend, { ...tokens, limit: 10 }], demand, [960, 0])?.kind, 'size')
})

test('a limit is used up exactly, and a limit of nothing lets nothing in', async t => {
  t.equal(denied([spend], demand, [950]), null)
  t.equal(denied([spend], demand, [951])?.kind, 'spend')
  t.equal(denied([places], demand, [1]), null)
  t.equal(denied([aRule({ metric: 'requests_per_minute', limit: 0 })], demand, [0])?.kind, 'size')
})

test('a shadow rule never denies, and its bucket is left alone as if it had', async t => {
  const shadow = { ...requests, shadow: true }
  t.equal(denied([shadow], demand, [now + minute]), null)
  t.same(effectsOf([shadow], demand, [now + minute], now), [{ units: 1, refused: true, after: now + minute }])
})

test('a hit counts as a request and as nothing else', async t => {
  const hit = { tokens: 0, costNanoUsd: 0, hit: true }
  t.equal(denied([tokens, spend, places], hit, [now + minute, 1000, 2]), null)
  t.equal(denied([requests], hit, [now + minute])?.kind, 'rate')
})

test('what is left is never negative and never more than the limit', async t => {
  t.equal(viewOf(requests, 0, now, periodEnd, false).remaining, 60)
  t.equal(viewOf(requests, now + 2 * minute, now, periodEnd, false).remaining, 0)
  t.equal(viewOf(spend, 1200, now, periodEnd, false).remaining, 0)
  t.match(viewOf(requests, now + 1_000_000, now, periodEnd, false), { remaining: 59, resetMs: 1000 }, 'OpenAI\'s own example: 60, 59, 1s')
})

function denied (rules: readonly LimitRule[], demand: Demand, states: readonly number[]): Denial | null {
  return denialOf(rules, effectsOf(rules, demand, states, now), states, now, periodEnd)
}
