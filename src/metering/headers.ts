import { goDuration } from '../openai/durations.ts'
import type { LimitView } from './limits.ts'
import type { Metric } from './rules.ts'

/** Where each of OpenAI's two header families takes its numbers from. */
const families: ReadonlyMap<Metric, 'requests' | 'tokens'> = new Map([
  ['requests_per_minute', 'requests'],
  ['requests_per_day', 'requests'],
  ['tokens_per_minute', 'tokens']
])

/**
 * `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` of the tightest rule each, as OpenAI sends them: on every answer. Rules in
 * shadow are not shown. Resets are spelled the way Go does (`1.5s`, `6m0s`). The names stand here in full, because one that is put
 * together is hashed anew for each request.
 */
export function rateLimitHeaders (limits: readonly LimitView[]): Record<string, string> {
  const headers: Record<string, string> = {}
  const requests = tightest(limits, 'requests')
  if (requests !== null) {
    headers['x-ratelimit-limit-requests'] = String(requests.rule.limit)
    headers['x-ratelimit-remaining-requests'] = String(requests.remaining)
    headers['x-ratelimit-reset-requests'] = goDuration(requests.resetMs)
  }
  const tokens = tightest(limits, 'tokens')
  if (tokens !== null) {
    headers['x-ratelimit-limit-tokens'] = String(tokens.rule.limit)
    headers['x-ratelimit-remaining-tokens'] = String(tokens.remaining)
    headers['x-ratelimit-reset-tokens'] = goDuration(tokens.resetMs)
  }
  return headers
}

function tightest (limits: readonly LimitView[], family: 'requests' | 'tokens'): LimitView | null {
  let tightest: LimitView | null = null
  for (const view of limits) {
    if (families.get(view.rule.metric) !== family || view.rule.shadow === true) continue
    if (tightest === null || view.remaining < tightest.remaining) tightest = view
  }
  return tightest
}
