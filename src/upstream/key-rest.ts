import type { IncomingHttpHeaders } from 'node:http'
import type { GatewayError } from '../openai/errors.ts'
import { retryAfter } from '../openai/headers.ts'

/** A key the upstream refuses rests this long, ms. */
const refusedKeyRestMs = 60_000
/** A limited key rests as long as the upstream says, at most this, ms. */
const maxLimitedKeyRestMs = 60_000
const minLimitedKeyRestMs = 1_000

/** How long a key rests that an upstream has refused so, ms. At least a second: a key that was just refused is not asked again by the same request. */
export function restOf ({ code }: GatewayError, headers: IncomingHttpHeaders): number {
  if (code !== 'upstream_rate_limited') return refusedKeyRestMs
  const asked = retryAfter(headers, Date.now())?.ms ?? minLimitedKeyRestMs
  return Math.min(Math.max(asked, minLimitedKeyRestMs), maxLimitedKeyRestMs)
}
