type Point = readonly [x: number, y: number]

/** The lowest of each `size` points that follow each other, up to the last one: leaves out what comes and goes, and keeps what stays. The first ones that are no `size` are left out. */
export function lowest (points: readonly Point[], size: number): Point[] {
  const found: Point[] = []
  for (let from = points.length % size; from < points.length; from += size) {
    found.push(points.slice(from, from + size).reduce((least, point) => point[1] < least[1] ? point : least))
  }
  return found
}

/** By how much y rises for each unit of x: the line of least squares through the points. */
export function slope (points: readonly Point[]): number {
  const meanX = mean(points.map(([x]) => x))
  const meanY = mean(points.map(([, y]) => y))
  const together = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return together / spread
}

function mean (values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
