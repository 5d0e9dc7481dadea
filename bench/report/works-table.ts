import type { Timing } from '../load/caller.ts'
import type { Timings } from '../alone.ts'
import { lowerQuartile, median, quantile } from '../measure/quantile.ts'
import type { Reading, Readings } from '../rounds.ts'
import type { Target } from '../stand/target.ts'
import type { Work } from '../works.ts'
import { aimText, verdict } from './aim.ts'
import type { Aim } from './aim.ts'
import { table } from './table.ts'

const header = ['work', 'through', 'gateway µs', 'nginx µs', '× nginx', 'aim', '', 'p50 added', 'p99 added', 'RSS MB']

/** The main table: a line for each work and target. Of CPU times and ratios, the lower quartile and the median of the rounds. */
export function worksTable (works: readonly Work[], yardstick: Target, targets: readonly Target[], readings: Readings, timings: Timings): string {
  const rows = works.flatMap(work => targets.map(target => {
    const own = readings.get(work)?.get(target) ?? []
    const nginx = readings.get(work)?.get(yardstick) ?? []
    const ratios = own.map(({ cpu }, round) => cpu / (nginx[round]?.cpu ?? NaN))
    const aim = aimOf(work, target)
    return [
      work.name, target.name, span(own.map(cpuOf), 1), span(nginx.map(cpuOf), 1), span(ratios, 2), aimText(aim, String), verdict(median(ratios), aim),
      ...added(timings.get(work), yardstick, target), (Math.max(...own.map(({ residentBytes }) => residentBytes)) / 2 ** 20).toFixed(0)
    ]
  }))
  return table(header, rows)
}

function cpuOf ({ cpu }: Reading): number {
  return cpu
}

function aimOf ({ aims }: Work, { store }: Target): Aim | null {
  return aims === null || store === null ? null : { aim: aims[store], stretch: aims.stretch }
}

function span (values: readonly number[], digits: number): string {
  return `${lowerQuartile(values).toFixed(digits)} · ${median(values).toFixed(digits)}`
}

/** What the target adds to nginx's own time for one request alone, ms. */
function added (timings: ReadonlyMap<Target, readonly Timing[]> | undefined, yardstick: Target, target: Target): [p50: string, p99: string] {
  const own = timings?.get(target)?.map(({ whole }) => whole)
  const nginx = timings?.get(yardstick)?.map(({ whole }) => whole)
  if (own === undefined || nginx === undefined) return ['', '']
  const at = (share: number): string => signedMs(quantile(own, share) - quantile(nginx, share))
  return [at(0.5), at(0.99)]
}

export function signedMs (nanoseconds: number): string {
  return `${nanoseconds < 0 ? '−' : '+'}${Math.abs(nanoseconds / 1e6).toFixed(2)} ms`
}
