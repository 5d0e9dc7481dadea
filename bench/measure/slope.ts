/** x and y of what was measured: minutes and MB, say. */
export type Point = readonly [x: number, y: number]

export interface Slope {
  /** By how much y rises for each unit of x. */
  readonly slope: number
  /** The true one is within twice this of it, 95 times of 100. NaN where no line could miss the points. */
  readonly standardError: number
}

/** The lines of least squares through some series: one slope for all, and a level for each. */
export function commonSlope (series: readonly (readonly Point[])[]): Slope {
  const measured = series.filter(({ length }) => length > 0)
  const points = measured.flatMap(centred)
  const spread = sum(points, ([x]) => x ** 2)
  const slope = sum(points, ([x, y]) => x * y) / spread
  const missed = sum(points, ([x, y]) => (y - slope * x) ** 2)
  return { slope, standardError: Math.sqrt(missed / (points.length - measured.length - 1) / spread) }
}

function centred (points: readonly Point[]): Point[] {
  const [meanX, meanY] = [mean(points, ([x]) => x), mean(points, ([, y]) => y)]
  return points.map(([x, y]) => [x - meanX, y - meanY])
}

function mean (points: readonly Point[], value: (point: Point) => number): number {
  return sum(points, value) / points.length
}

function sum (points: readonly Point[], value: (point: Point) => number): number {
  return points.reduce((total, point) => total + value(point), 0)
}
