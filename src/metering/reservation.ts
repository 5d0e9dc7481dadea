import type { Endpoint } from '../openai/call.ts'
import { quoted } from './row.ts'
import { limiterOf } from './rules.ts'
import type { LimitRule } from './rules.ts'

/** What a request may consume at worst, as known before it goes upstream. Costs are nano-USD; null: the model has no price. */
export interface Estimate {
  readonly inputTokens: number
  /** `n` × the most tokens a choice may have. */
  readonly maxOutputTokens: number
  /** All of it, at the dearest rates. */
  readonly costNanoUsd: number | null
  /** The prompt alone: what is billed when nothing more is ever heard of the request. */
  readonly promptCostNanoUsd: number | null
}

/** What happens to a project's requests while the shared store is away. */
export type FailureMode = 'closed' | 'local' | 'open'

/** One request that asks to be let in. */
export interface AdmitRequest {
  /** UUIDv7, minted by the gateway. Admitting the same one again gives the same answer. */
  readonly rid: string
  readonly projectId: string
  readonly keyId: string
  readonly model: string
  readonly endpoint: Endpoint
  /** The rules that apply to this key and model. */
  readonly rules: readonly LimitRule[]
  readonly estimate: Estimate
  /** Answered from the answer store: counts as a request, costs nothing, and is its own ledger row at once. */
  readonly hit?: boolean
  readonly failureMode: FailureMode
}

/** What a crash is billed by. Counts are of the whole request so far. */
export interface Seen {
  inputTokens: number
  outputTokens: number
  costNanoUsd: number | null
}

/** A bucket that the reservation took from. */
export interface BucketCharge {
  readonly limiter: string
  readonly limit: number
  /** µs. */
  readonly window: number
  /** Whether it counts tokens; else requests. */
  readonly tokens: boolean
  /** The bucket's TAT after the charge, µs. */
  readonly ends: number
}

/** An admitted request, until it is settled or voided. Complete in itself: settling needs nothing else, also after the store lost it. */
export interface Reservation {
  readonly rid: string
  readonly projectId: string
  readonly keyId: string
  readonly model: string
  readonly endpoint: Endpoint
  /** The month that pays, fixed at admission. */
  readonly period: string
  /** Reserved tokens and nano-USD. */
  readonly tokens: number
  readonly costNanoUsd: number
  /** Buckets to give back to. Known only to the process that admitted. */
  readonly buckets: readonly BucketCharge[]
  /** Names of the concurrency limiters it counts in. */
  readonly held: readonly string[]
  /** Written by whoever follows the answer; stored with each renewal of the lease. */
  readonly seen: Seen
}

/** How much of each limit a request asks for. */
export interface Demand {
  readonly tokens: number
  readonly costNanoUsd: number
  readonly hit: boolean
}

/** A reservation returns by itself this long after it was made or renewed, ms. */
export const leaseMs = 30_000
/** How long ended requests are remembered, ms: a settlement of an unknown request older than this may be a second one, and is refused. */
export const dedupeHorizonMs = 72 * 3_600_000

/** No request reserves more, nano-USD ($1 million), so that sums stay exact whatever a caller asks for. */
const maxReserve = 1e15
/** A request without a price reserves this, so that a spent budget refuses it too. */
const unpricedReserve = 1

export function demandOf ({ hit = false, estimate }: AdmitRequest): Demand {
  if (hit) return { tokens: 0, costNanoUsd: 0, hit }
  return {
    tokens: Math.ceil(estimate.inputTokens + estimate.maxOutputTokens),
    costNanoUsd: Math.min(estimate.costNanoUsd ?? unpricedReserve, maxReserve),
    hit
  }
}

/** Names of the concurrency limiters that a request counts in. */
export function heldBy ({ rules, keyId, hit = false }: AdmitRequest): string[] {
  const held: string[] = []
  for (const rule of rules) {
    if (rule.metric === 'concurrency' && !hit) held.push(limiterOf(rule, keyId))
  }
  return held
}

/** When a rid was minted, ms since the epoch (RFC 9562 §5.7). Every replica reads the same from it. Digit by digit: `parseInt` of two slices took twice as long. */
export function mintedAt (rid: string): number {
  let ms = 0
  for (let place = 0; place < 8; place++) ms = 16 * ms + hexDigit(rid.charCodeAt(place))
  for (let place = 9; place < 13; place++) ms = 16 * ms + hexDigit(rid.charCodeAt(place))
  return ms
}

/** What a hexadecimal digit stands for, by its code. Bit 5 makes letters small ones. */
function hexDigit (code: number): number {
  return code < 58 ? code - 48 : (code | 32) - 87
}

/** `req_` and 32 hex digits are a UUIDv7 without its dashes: the ledger's rid and the caller's request id are one. */
export function ridOf (requestId: string): string {
  return `${requestId.slice(4, 12)}-${requestId.slice(12, 16)}-${requestId.slice(16, 20)}-${requestId.slice(20, 24)}-${requestId.slice(24)}`
}

/** Everything of a reservation that another process needs to settle it. The buckets are left out: after a lease has run out they have refilled. */
export function encodeReservation ({ rid, keyId, model, endpoint, tokens, costNanoUsd, held, seen }: Omit<Reservation, 'projectId' | 'period' | 'buckets'>): string {
  return `[1,"${rid}",${quoted(keyId)},${quoted(model)},"${endpoint}",${tokens},${costNanoUsd},[${held.map(quoted).join(',')}],` +
    `${seen.inputTokens},${seen.outputTokens},${seen.costNanoUsd}]`
}

type Encoded = [version: number, rid: string, keyId: string, model: string, endpoint: Endpoint, tokens: number, costNanoUsd: number,
  held: string[], seenInput: number, seenOutput: number, seenCost: number | null]

export function decodeReservation (projectId: string, period: string, text: string): Reservation {
  const [, rid, keyId, model, endpoint, tokens, costNanoUsd, held, inputTokens, outputTokens, seenCost] = JSON.parse(text) as Encoded
  const seen = { inputTokens, outputTokens, costNanoUsd: seenCost }
  return { rid, projectId, keyId, model, endpoint, period, tokens, costNanoUsd, buckets: [], held, seen }
}

/** As much of a reservation as its row still tells: nothing is reserved by it any more. */
export function reservationOfRow (projectId: string, { rid, keyId, model, endpoint, period }: Pick<Reservation, 'rid' | 'keyId' | 'model' | 'endpoint' | 'period'>): Reservation {
  const seen = { inputTokens: 0, outputTokens: 0, costNanoUsd: null }
  return { rid, projectId, keyId, model, endpoint, period, tokens: 0, costNanoUsd: 0, buckets: [], held: [], seen }
}
