import { test } from 'tap'
import { denialOf, refuses, stateAfter, viewOf } from '../../src/metering/limits.ts'
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
  t.match(denialOf([requests], demand, [now + minute], now, periodEnd), { kind: 'rate', limit: 60, current: 60, resetMs: 60_000, retryAfterMs: 1000 })
  t.match(denialOf([tokens], demand, [now + minute], now, periodEnd), { kind: 'rate', limit: 1000, current: 1000, resetMs: 60_000, retryAfterMs: 6000 })
  t.match(denialOf([spend], demand, [960], now, periodEnd), { kind: 'spend', limit: 1000, current: 960, resetMs: 86_400_000, retryAfterMs: null })
  t.match(denialOf([places], demand, [2], now, periodEnd), { kind: 'concurrency', limit: 2, current: 2, resetMs: 0, retryAfterMs: 1000 })
  t.match(denialOf([tokens], { ...demand, tokens: 1001 }, [0], now, periodEnd), { kind: 'size', retryAfterMs: null })
})

test('the one that lasts longest is named', async t => {
  const states = [now + minute, now + minute, 960]
  t.equal(denialOf([requests, tokens], demand, states, now, periodEnd)?.rule, tokens)
  t.equal(denialOf([requests, tokens, spend], demand, states, now, periodEnd)?.rule, spend)
  t.equal(denialOf([spend, { ...tokens, limit: 10 }], demand, [960, 0], now, periodEnd)?.kind, 'size')
})

test('a limit is used up exactly, and a limit of nothing lets nothing in', async t => {
  t.equal(denialOf([spend], demand, [950], now, periodEnd), null)
  t.equal(denialOf([spend], demand, [951], now, periodEnd)?.kind, 'spend')
  t.equal(denialOf([places], demand, [1], now, periodEnd), null)
  t.equal(denialOf([aRule({ metric: 'requests_per_minute', limit: 0 })], demand, [0], now, periodEnd)?.kind, 'size')
})

test('a shadow rule never denies, and its bucket is left alone as if it had', async t => {
  const shadow = { ...requests, shadow: true }
  t.equal(denialOf([shadow], demand, [now + minute], now, periodEnd), null)
  t.ok(refuses(shadow, 1, now + minute, now))
  t.equal(stateAfter(shadow, 1, now + minute, now), now + minute)
})

test('a hit counts as a request and as nothing else', async t => {
  const hit = { tokens: 0, costNanoUsd: 0, hit: true }
  t.equal(denialOf([tokens, spend, places], hit, [now + minute, 1000, 2], now, periodEnd), null)
  t.equal(denialOf([requests], hit, [now + minute], now, periodEnd)?.kind, 'rate')
})

test('what is left is never negative and never more than the limit', async t => {
  t.equal(viewOf(requests, 0, now, periodEnd, false).remaining, 60)
  t.equal(viewOf(requests, now + 2 * minute, now, periodEnd, false).remaining, 0)
  t.equal(viewOf(spend, 1200, now, periodEnd, false).remaining, 0)
  t.match(viewOf(requests, now + 1_000_000, now, periodEnd, false), { remaining: 59, resetMs: 1000 }, 'OpenAI\'s own example: 60, 59, 1s')
})
