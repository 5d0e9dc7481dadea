/**
 * The generic cell rate algorithm (ITU-T I.371) as a bucket of `limit` units that fills evenly within `window` µs.
 *
 * Its whole state is one number, the theoretical arrival time (TAT, µs): the bucket is full when TAT ≤ now, and lacks
 * `(TAT − now) × limit / window` units otherwise. Charges are rounded up to whole µs, so what is admitted since any moment is at most
 * `limit + limit × elapsed / window`. Exact while `units × window` stays below 2^53: 150 million tokens a minute.
 *
 * `src/stores/redis/admit.lua` and `settle.lua` repeat this arithmetic.
 */

/** How far `units` move the TAT, µs. */
export function chargeMicros (units: number, limit: number, window: number): number {
  return Math.ceil(units * window / limit)
}

/** The TAT after a charge. */
export function charged (tat: number, now: number, micros: number): number {
  return Math.max(tat, now) + micros
}

/** Whether the bucket holds enough for a charge. */
export function holds (tat: number, now: number, micros: number, window: number): boolean {
  return charged(tat, now, micros) <= now + window
}

/** How long until the bucket holds enough, µs. Only for charges that a full bucket holds. */
export function waitMicros (tat: number, now: number, micros: number, window: number): number {
  return Math.max(0, charged(tat, now, micros) - window - now)
}

/** Whole units in the bucket. */
export function remaining (tat: number, now: number, limit: number, window: number): number {
  return Math.max(0, Math.floor((window - Math.max(0, tat - now)) * limit / window))
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
