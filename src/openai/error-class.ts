import { errorTable } from './errors.ts'
import type { ErrorCode } from './errors.ts'

/** Who has to act: the caller, whoever sets the tenant's limits, the provider, or the gateway's operator. */
export type ErrorClass = 'caller' | 'policy' | 'upstream' | 'gateway'

/** Of the codes whose type is that of a bad request, those that are a tenant's limits. */
const refusedByPolicy: ReadonlySet<ErrorCode> = new Set(['request_exceeds_limit', 'permission_denied'])

/** Every code has one class. */
export function errorClass (code: ErrorCode): ErrorClass {
  const { type } = errorTable[code]
  if (code.startsWith('upstream_')) return 'upstream'
  if (type === 'server_error') return 'gateway'
  if (type === 'rate_limit_error' || type === 'insufficient_quota' || refusedByPolicy.has(code)) return 'policy'
  return 'caller'
}

const reasons = new Map(codes().map(code => [code, withClass(code)]))

/** The code behind its class: `caller_invalid_json`, `policy_rate_limit_exceeded`, `upstream_timeout`, `gateway_overloaded`. A closed set, for metrics and traces. */
export function errorReason (code: ErrorCode): string {
  return reasons.get(code) ?? code
}

function withClass (code: ErrorCode): string {
  const prefix = `${errorClass(code)}_`
  return code.startsWith(prefix) ? code : prefix + code
}

function codes (): ErrorCode[] {
  return Object.keys(errorTable) as ErrorCode[]
}
