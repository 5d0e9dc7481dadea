/** By how much y rises for each unit of x: the line of least squares through the points. */
export function slope (points: ReadonlyArray<readonly [x: number, y: number]>): number {
  const meanX = mean(points.map(([x]) => x))
  const meanY = mean(points.map(([, y]) => y))
  const together = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return together / spread
}

function mean (values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
