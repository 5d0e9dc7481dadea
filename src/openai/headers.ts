import { hash } from 'node:crypto'
import type { IncomingHeaders } from './durations.ts'

export { goDuration, retryAfter } from './durations.ts'

/**
 * What of a caller's headers goes upstream, and which values. Anything else stays here: credentials and cookies are the
 * gateway's to set, and SDKs leak `openai-organization` and `openai-project` from their environment.
 */
const forwarded = [
  { name: 'accept', shape: /^[\w/+*;=., -]{1,256}$/ },
  { name: 'openai-beta', shape: /^[\w=;:., -]{1,256}$/ },
  { name: 'x-client-request-id', shape: /^[\w.:-]{1,128}$/ },
  { name: 'traceparent', shape: /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/ },
  { name: 'tracestate', shape: /^[\x20-\x7e]{1,512}$/ },
  { name: 'baggage', shape: /^[\x20-\x7e]{1,8192}$/ }
] as const

/**
 * What of an upstream's headers reaches the client. Its rate limits, organization and cookies are the gateway's, not the tenant's, and
 * `openai-processing-ms` is told by the gateway itself.
 */
const returned = ['openai-version', 'x-inference-id', 'x-client-request-id', 'x-aimlapi-credits-used', 'x-aimlapi-usd-spent'] as const

/** The head of an event stream, flat. Nothing on the way may hold events back, compress or cache them. */
export const streamHeaders = [
  'content-type', 'text/event-stream; charset=utf-8',
  'cache-control', 'no-cache, no-transform',
  'x-accel-buffering', 'no'
] as const

/** Sent with every request. Compressed answers could be neither metered nor passed on event by event. */
const own = ['accept-encoding', 'identity', 'user-agent', 'tollgate'] as const

/**
 * The headers of a request upstream, flat: name, value, name, value. A new array each time, without credentials.
 *
 * An idempotency key holds for the whole account upstream, which tenants share: it goes there bound to its `tenant`,
 * and without one not at all.
 */
export function upstreamHeaders (incoming: IncomingHeaders, hasBody: boolean, tenant?: string): string[] {
  const headers: string[] = [...own]
  if (hasBody) headers.push('content-type', 'application/json')
  for (const { name, shape } of forwarded) {
    const value = incoming[name]
    if (typeof value === 'string' && shape.test(value)) headers.push(name, value)
  }
  const key = incoming['idempotency-key']
  if (typeof key === 'string' && tenant !== undefined) headers.push('idempotency-key', hash('sha256', `${tenant}\n${key}`))
  return headers
}

/** The headers of an upstream's answer that its client may see, flat. The upstream's own request id goes by `x-upstream-request-id`. */
export function clientHeaders (upstream: IncomingHeaders): string[] {
  const headers: string[] = []
  for (const name of returned) {
    const value = upstream[name]
    if (typeof value === 'string') headers.push(name, value)
  }
  const requestId = upstream['x-request-id']
  if (typeof requestId === 'string') headers.push('x-upstream-request-id', requestId)
  return headers
}

/** The body of an upstream's answer is an event stream. Of a content type that is there twice the first counts, as in Node. */
export function isEventStream (upstream: IncomingHeaders): boolean {
  const [type = ''] = [upstream['content-type']].flat()
  return type.toLowerCase().startsWith('text/event-stream')
}

/** Answers are asked for as they are (`accept-encoding: identity`): a compressed one could be neither read nor metered. Names of codings have no case (RFC 9110 §8.4.1). */
export function isEncoded (upstream: IncomingHeaders): boolean {
  const codings = [upstream['content-encoding'] ?? ''].flat().join().split(',')
  return codings.some(coding => !['', 'identity'].includes(coding.trim().toLowerCase()))
}
