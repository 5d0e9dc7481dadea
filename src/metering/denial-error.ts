import { goDuration } from '../openai/durations.ts'
import { GatewayError } from '../openai/errors.ts'
import type { Denial } from './limits.ts'
import { usdOf } from './money.ts'
import type { Metric } from './rules.ts'

const units: Readonly<Record<Metric, string>> = {
  requests_per_minute: 'requests per minute',
  tokens_per_minute: 'tokens per minute',
  requests_per_day: 'requests per day',
  concurrency: 'requests at once',
  spend_per_month: 'US dollars per month'
}

/**
 * What a refused caller is told: the rule, its scope, the limit, how much is in use, and when that ends.
 *
 * A rate says when to come back. A spent budget and a request that is larger than its limit tell SDKs not to try again: they
 * would only repeat the refusal (openai-node and openai-python obey `x-should-retry`).
 */
export function denialError (denial: Denial): GatewayError {
  const message = describe(denial)
  switch (denial.kind) {
    case 'size':
      return new GatewayError('request_exceeds_limit', { message })
    case 'spend':
      return new GatewayError('insufficient_quota', { message, headers: { 'x-should-retry': 'false' } })
    case 'rate':
    case 'concurrency':
      return new GatewayError('rate_limit_exceeded', { message, headers: retryHeaders(denial.retryAfterMs ?? 0) })
  }
}

function describe ({ rule, kind, limit, current, resetMs }: Denial): string {
  const { scope, model, metric } = rule
  const ofModel = model === '*' ? '' : ` for ${model}`
  const name = `the ${scope}'s limit of ${amount(metric, limit)} ${units[metric]}${ofModel}`
  if (kind === 'size') return `This request alone is larger than ${name}, and can never pass.`
  const reset = resetMs > 0 ? `; it resets in ${goDuration(resetMs)}` : ''
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} is reached: ${amount(metric, current)} in use${reset}.`
}

function amount (metric: Metric, value: number): string {
  return metric === 'spend_per_month' ? usdOf(value).toFixed(2) : String(Math.round(value))
}

function retryHeaders (retryAfterMs: number): Record<string, string> {
  const ms = Math.max(1, Math.ceil(retryAfterMs))
  return { 'retry-after': String(Math.ceil(ms / 1000)), 'retry-after-ms': String(ms) }
}
