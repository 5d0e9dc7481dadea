import { GatewayError } from './errors.ts'
import type { ErrorCode, GatewayErrorOptions } from './errors.ts'
import { retryAfter, retryHeaders } from './durations.ts'
import type { IncomingHeaders } from './durations.ts'
import { parseObject } from './json.ts'
import type { Json } from './json.ts'
import { scrub } from './scrub.ts'
import { readFault } from './upstream-fault.ts'
import type { UpstreamFault } from './upstream-fault.ts'

/** What the answer says to the caller, without the headers that depend on the upstream's. */
type Verdict = readonly [code: ErrorCode, options?: GatewayErrorOptions]

/** The caller can do something about these, so they keep their status and the upstream's words. */
const callersFault = new Set([400, 404, 409, 413, 422])
/** The gateway's own account: wrong key, no credit, not allowed. */
const accountStatus = new Set([401, 402, 403])
const accountCode = /quota|billing|credit|spend_limit|usage_limit|api_key/
/** Beats the status in openai-node and openai-python: trying again is of no use. */
const noRetry = { 'x-should-retry': 'false' }

/**
 * The failure to answer with when an upstream answered `status` (anything but a usable 2xx) with `body`.
 *
 * 400, 404, 409, 413 and 422 keep their status and the upstream's message, without keys, links and hosts. 401, 402, 403 and an
 * exhausted quota are about the gateway's account, not the tenant's: 502. 429 stays 429, its delay normalised. 503 and 504 stay
 * what they are; 500, 408 and the rest become 502, for it is not the gateway that failed. A 500 that wraps a "400 …" is a 400.
 * A redirect, a 1xx or an empty 2xx is no answer at all: 502 `upstream_invalid_response`. Bodies that are not JSON are never shown.
 */
export function errorOfUpstream (status: number, headers: IncomingHeaders, body: Buffer, nowMs: number): GatewayError {
  const fault = readFault(parseObject(body.toString()) ?? {})
  const [code, options] = verdict(status, fault)
  const delay = code === 'upstream_rate_limited' || status === 503 ? retryHeaders(retryAfter(headers, nowMs)) : {}
  return new GatewayError(code, {
    ...options,
    headers: { ...delay, ...options?.headers, ...shouldRetry(headers) },
    cause: causeOf(status, fault)
  })
}

/** The failure that an upstream reported inside a stream, in whichever shape: its message is passed on as that of a 400 is. */
export function errorOfEvent (data: Json): GatewayError {
  const fault = readFault(data)
  const status = fault.wrappedStatus ?? fault.status ?? 0
  const [code, options] = isAboutAccount(status, fault) ? ['upstream_auth_error'] as const : ['upstream_error', inWordsOf(fault)] as const
  return new GatewayError(code, { ...options, cause: causeOf(200, fault) })
}

function verdict (status: number, fault: UpstreamFault): Verdict {
  if (status < 400) return ['upstream_invalid_response']
  const real = status >= 500 && fault.wrappedStatus !== null ? fault.wrappedStatus : status
  if (isAboutAccount(real, fault)) return ['upstream_auth_error', { headers: noRetry }]
  if (real === 429) return ['upstream_rate_limited']
  if (callersFault.has(real)) return refusal(real, fault)
  if (real === 503 || real === 504) return ['upstream_error', { status: real }]
  return ['upstream_error', real < 500 && real !== 408 ? { headers: noRetry } : {}]
}

function isAboutAccount (status: number, { code, type }: UpstreamFault): boolean {
  return accountStatus.has(status) || accountCode.test(code ?? '') || accountCode.test(type ?? '')
}

function refusal (status: number, fault: UpstreamFault): Verdict {
  if (status !== 404) return ['upstream_rejected', { status, ...inWordsOf(fault) }]
  const aboutModel = fault.code === 'model_not_found' || /\bmodel\b/i.test(fault.message ?? '')
  return [aboutModel ? 'model_not_found' : 'not_found', inWordsOf(fault)]
}

/** The upstream's message, code, type and parameter, as far as it gave them. */
function inWordsOf ({ message, code, type, param }: UpstreamFault): GatewayErrorOptions {
  const words = message === null ? '' : scrub(message)
  return {
    ...(words === '' ? {} : { message: words }),
    ...(code === null ? {} : { publicCode: code }),
    ...(type === null ? {} : { publicType: type }),
    ...(param === null ? {} : { param })
  }
}

function shouldRetry (headers: IncomingHeaders): Record<string, string> {
  const value = headers['x-should-retry']
  return value === 'true' || value === 'false' ? { 'x-should-retry': value } : {}
}

/** For the log. The message may name the account, but no key: those are scrubbed here, too. */
function causeOf (status: number, { message }: UpstreamFault): Error {
  return new Error(`the upstream answered ${status}: ${message === null ? 'no message' : scrub(message)}`)
}
