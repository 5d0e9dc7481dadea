/** The value below which a share of the values lies, by linear interpolation; NaN of none. */
export function quantile (values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)] ?? NaN
  const above = sorted[Math.ceil(at)] ?? NaN
  return below + (above - below) * (at - Math.floor(at))
}

export function median (values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** What noise of other programs leaves standing: they only ever make a run slower. */
export function lowerQuartile (values: readonly number[]): number {
  return quantile(values, 0.25)
}
