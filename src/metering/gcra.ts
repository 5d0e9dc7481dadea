/**
 * The generic cell rate algorithm (ITU-T I.371) as a bucket of `limit` units that fills evenly within `window` µs.
 *
 * Its whole state is one number, the theoretical arrival time (TAT, µs): the bucket is full when TAT ≤ now, and lacks
 * `(TAT − now) × limit / window` units otherwise. Charges are rounded up to whole µs, so that what is admitted since any moment is at
 * most `limit + limit × elapsed / window`, but for less than one unit where the window is no multiple of the limit (`slackMicros`).
 * Exact while `units × window` stays below 2^53: 150 million tokens a minute.
 *
 * `src/stores/redis/ledger-admit.lua` and `ledger-settle.lua` repeat this arithmetic.
 */

/**
 * What rounding may have added to the charges of one full bucket, µs: without it a limit of 7 would let only 6 through at once.
 * Less than one unit's worth, so it never lets one more through.
 */
export function slackMicros (limit: number, window: number): number {
  return window % limit === 0 ? 0 : Math.min(limit, Math.floor(window / limit))
}

/** How far `units` move the TAT, µs. */
export function chargeMicros (units: number, limit: number, window: number): number {
  return Math.ceil(units * window / limit)
}

/** The TAT after a charge. */
export function charged (tat: number, now: number, micros: number): number {
  return Math.max(tat, now) + micros
}

/** Whether the bucket holds so many units: never more than the limit. */
export function holds (tat: number, now: number, units: number, limit: number, window: number): boolean {
  return waitMicros(tat, now, units, limit, window) === 0
}

/** How long until the bucket holds so many units, µs. Means nothing for more than the limit. */
export function waitMicros (tat: number, now: number, units: number, limit: number, window: number): number {
  return Math.max(0, charged(tat, now, chargeMicros(units, limit, window)) - now - window - slackMicros(limit, window))
}

/** Whole units in the bucket. */
export function remaining (tat: number, now: number, limit: number, window: number): number {
  const filled = window + slackMicros(limit, window) - Math.max(0, tat - now)
  return Math.min(limit, Math.max(0, Math.floor(filled * limit / window)))
}

/**
 * The TAT when a charge turns out to be `actual` instead of `reserved` µs. `ends` is the TAT right after the charge was made.
 *
 * What has flowed back into the bucket by itself since then is not given back a second time: only the part of the charge that
 * still lies in the future is. What was used beyond the reservation is charged, without asking.
 */
export function corrected (tat: number, now: number, ends: number, reserved: number, actual: number): number {
  if (actual > reserved) return charged(tat, now, actual - reserved)
  return tat - Math.min(reserved - actual, Math.max(0, ends - now))
}
