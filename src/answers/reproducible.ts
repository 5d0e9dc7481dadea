import type { Call, Endpoint } from '../openai/call.ts'
import { given } from '../openai/members.ts'
import type { ScannedObject } from '../openai/scan.ts'
import { exclusionOf } from './exclusions.ts'
import type { Exclusion } from './exclusions.ts'

/** Why a call that asked for a reproducible answer does not get one: the `reason` in `x-tollgate-cache: bypass; reason=…`. */
export type BypassReason = Exclusion | 'endpoint' | 'no-seed' | 'no-store'

export type Reproducibility =
  | { readonly reproducible: true, /** Fetch a new answer and keep it in the old one's place. */ readonly refresh: boolean }
  | { readonly reproducible: false, /** Null when the call never asked: then no header says anything. */ readonly reason: BypassReason | null }

/** Request headers as Node gives them: lower-case names. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Whether a call's answer may be looked up and stored. A chat completion asks by an integer `seed`; a response asks by the header
 * `x-tollgate-cache: reproducible`, as the API has no seed there. `cache-control: no-store` declines, `no-cache` refreshes
 * (RFC 9111, section 5.2.1).
 */
export function reproducibility (call: Call, headers: RequestHeaders): Reproducibility {
  const optedIn = headers['x-tollgate-cache'] === 'reproducible'
  const seeded = call.endpoint === 'chat.completions' && call.seed !== null
  if (!optedIn && !seeded) return { reproducible: false, reason: null }
  const cacheControl = directives(headers['cache-control'])
  const reason = cacheControl.has('no-store') ? 'no-store' : reasonAgainst(call, seeded)
  return reason === null ? { reproducible: true, refresh: cacheControl.has('no-cache') } : { reproducible: false, reason }
}

function reasonAgainst ({ endpoint, scanned }: Call, seeded: boolean): BypassReason | null {
  if (endpoint === 'embeddings') return 'endpoint'
  if (endpoint === 'chat.completions' && !seeded) return 'no-seed'
  if (mayBeStoredUpstream(endpoint, scanned)) return 'store'
  return exclusionOf(scanned)
}

/** `store` is off by default for chat completions and on by default for responses (openai-node 7, `ResponseCreateParams.store`). */
function mayBeStoredUpstream (endpoint: Endpoint, scanned: ScannedObject): boolean {
  const store = given(scanned, 'store')
  if (store === undefined) return endpoint === 'responses'
  return scanned.text.slice(store.start, store.end) !== 'false'
}

function directives (header: string | readonly string[] | undefined): ReadonlySet<string> {
  if (header === undefined) return new Set()
  return new Set(String(header).toLowerCase().split(',').map(directive => directive.trim()))
}
