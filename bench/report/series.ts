import { lowerQuartile, median } from '../measure/quantile.ts'
import type { Reading, Readings } from '../rounds.ts'
import type { Target } from '../stand/target.ts'
import type { Work } from '../works.ts'

/** One figure of every round, NaN where there is none: the same index is the same minute. */
export type Series = readonly number[]

export function cpu (reading: Reading): number {
  return reading.cpu
}

/** Thousands. */
export function instructions (reading: Reading): number {
  return (reading.instructions ?? NaN) / 1000
}

export function seriesOf (readings: Readings, work: Work, target: Target, figure: (reading: Reading) => number): Series {
  return readings.get(work)?.get(target)?.map(reading => reading === null ? NaN : figure(reading)) ?? []
}

/** Both of one round, put together. */
export function together (one: Series, other: Series, of: (one: number, other: number) => number): Series {
  return one.map((value, round) => of(value, other[round] ?? NaN))
}

export function over (one: Series, other: Series): Series {
  return together(one, other, (a, b) => a / b)
}

export function less (one: Series, other: Series): Series {
  return together(one, other, (a, b) => a - b)
}

/** NaN of none. */
export function middle (series: Series): number {
  return median(found(series))
}

/** Lower quartile and median. */
export function span (series: Series, digits: number): string {
  return found(series).length === 0 ? '–' : `${lowerQuartile(found(series)).toFixed(digits)} · ${middle(series).toFixed(digits)}`
}

export function middleText (series: Series, digits: number): string {
  return orDash(middle(series), value => value.toFixed(digits))
}

export function orDash (value: number, text: (value: number) => string): string {
  return Number.isFinite(value) ? text(value) : '–'
}

function found (series: Series): number[] {
  return series.filter(value => Number.isFinite(value))
}
