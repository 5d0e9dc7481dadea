import { test } from 'tap'
import { rateLimitHeaders } from '../../src/metering/headers.ts'
import { aRule } from '../helpers/metering.ts'

const view = (metric: 'requests_per_minute' | 'tokens_per_minute' | 'requests_per_day' | 'spend_per_month', limit: number, remaining: number, resetMs: number, shadow = false) =>
  ({ rule: aRule({ metric, limit, shadow }), remaining, resetMs, exceeded: false })

test('the rule with the least left is shown, in OpenAI\'s spelling', async t => {
  t.same(rateLimitHeaders([
    view('requests_per_minute', 60, 59, 1000),
    view('requests_per_day', 100, 12, 360_000),
    view('tokens_per_minute', 150_000, 149_984, 17),
    view('spend_per_month', 10, 1, 1)
  ]), {
    'x-ratelimit-limit-requests': '100',
    'x-ratelimit-remaining-requests': '12',
    'x-ratelimit-reset-requests': '6m0s',
    'x-ratelimit-limit-tokens': '150000',
    'x-ratelimit-remaining-tokens': '149984',
    'x-ratelimit-reset-tokens': '17ms'
  })
})

test('without rules, and for rules in shadow, nothing is said', async t => {
  t.same(rateLimitHeaders([]), {})
  t.same(rateLimitHeaders([view('requests_per_minute', 60, 0, 1000, true)]), {})
})
