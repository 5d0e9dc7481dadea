/** Headers as Node gives them: lower-case names. */
export type IncomingHeaders = Readonly<Record<string, string | string[] | undefined>>

/** How long to wait before the next attempt. */
export interface RetryDelay {
  /** Whole seconds, at least 1: what `retry-after` may say. */
  readonly seconds: number
  readonly ms: number
}

/** openai-node 7 retries at once when it is told to wait longer than this. */
const MAX_HONOURED_SECONDS = 60

/**
 * The delay that `retry-after-ms` (milliseconds) or else `retry-after` (seconds, also fractions of them, or an HTTP date) asks for.
 * Null when neither says anything that is a delay.
 */
export function retryAfter (headers: IncomingHeaders, nowMs: number): RetryDelay | null {
  const ms = nonNegative(headers['retry-after-ms']) ?? secondsAsMs(headers['retry-after']) ?? untilDate(headers['retry-after'], nowMs)
  if (ms === null) return null
  return { seconds: Math.max(1, Math.ceil(ms / 1000)), ms: Math.ceil(ms) }
}

/**
 * Headers by which every SDK waits that long: both spellings, for the SDKs read different ones. SDKs come back at once when they
 * are asked for more than a minute, so then they are told not to.
 */
export function retryHeaders (delay: RetryDelay | null): Record<string, string> {
  if (delay === null) return {}
  const headers = { 'retry-after': String(delay.seconds), 'retry-after-ms': String(delay.ms) }
  return delay.seconds > MAX_HONOURED_SECONDS ? { ...headers, 'x-should-retry': 'false' } : headers
}

/** A duration as OpenAI's `x-ratelimit-reset-*` headers spell it, like Go's `time.Duration`: `17ms`, `1.5s`, `6m0s`, `23h47m36.648s`. */
export function goDuration (ms: number): string {
  const whole = Math.max(0, Math.ceil(ms))
  if (whole === 0) return '0s'
  if (whole < 1000) return `${whole}ms`
  const hours = Math.floor(whole / 3_600_000)
  const minutes = Math.floor(whole / 60_000) % 60
  const seconds = `${whole % 60_000 / 1000}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

function secondsAsMs (value: string | string[] | undefined): number | null {
  const seconds = nonNegative(value)
  return seconds === null ? null : seconds * 1000
}

function nonNegative (value: string | string[] | undefined): number | null {
  const number = typeof value === 'string' && /^\s*\d+(\.\d*)?\s*$/.test(value) ? Number(value) : NaN
  return number <= Number.MAX_SAFE_INTEGER / 1000 ? number : null
}

function untilDate (value: string | string[] | undefined, nowMs: number): number | null {
  const date = typeof value === 'string' && /[a-z]/i.test(value) ? Date.parse(value) : NaN
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs)
}
