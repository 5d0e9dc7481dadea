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
 * shadow are not shown. Resets are spelled the way Go does (`1.5s`, `6m0s`).
 */
export function rateLimitHeaders (limits: readonly LimitView[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [family, { rule, remaining, resetMs }] of tightest(limits)) {
    headers[`x-ratelimit-limit-${family}`] = String(rule.limit)
    headers[`x-ratelimit-remaining-${family}`] = String(remaining)
    headers[`x-ratelimit-reset-${family}`] = goDuration(resetMs)
  }
  return headers
}

function tightest (limits: readonly LimitView[]): Map<'requests' | 'tokens', LimitView> {
  const views = new Map<'requests' | 'tokens', LimitView>()
  for (const view of limits) {
    const family = families.get(view.rule.metric)
    if (family === undefined || view.rule.shadow === true) continue
    const other = views.get(family)
    if (other === undefined || view.remaining < other.remaining) views.set(family, view)
  }
  return views
}
