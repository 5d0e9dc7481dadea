import { canCountInstructions } from '../measure/instructions.ts'
import { quantile } from '../measure/quantile.ts'
import type { Found } from '../measure.ts'
import type { Timing } from '../load/caller.ts'
import type { Target } from '../stand/target.ts'
import type { Work } from '../works.ts'
import { aimText, verdict } from './aim.ts'
import type { Aim } from './aim.ts'
import { cpu, instructions, middle, middleText, orDash, over, seriesOf, span } from './series.ts'
import { table } from './table.ts'

const counted = canCountInstructions ? ['gateway k instr.', 'nginx k instr.', '× nginx'] : []
const header = ['work', 'through', 'gateway µs', 'nginx µs', '× nginx', 'aim', '', ...counted, 'p50 added', 'p99 added', 'RSS MB']

/** The main table: a line for each work and target. Of CPU times and ratios, the lower quartile and the median of the rounds. */
export function worksTable (found: Found): string {
  return table(header, [...found.readings.keys()].flatMap(work => found.contestants.main.map(target => lineOf(found, work, target))))
}

function lineOf ({ readings, timings, contestants: { yardstick } }: Found, work: Work, target: Target): string[] {
  const own = seriesOf(readings, work, target, cpu)
  const nginx = seriesOf(readings, work, yardstick, cpu)
  const ratios = over(own, nginx)
  const aim = aimOf(work, target)
  const memory = Math.max(...seriesOf(readings, work, target, ({ residentBytes }) => residentBytes).filter(Number.isFinite))
  return [
    work.name, target.name, span(own, 1), span(nginx, 1), span(ratios, 2), aimText(aim), verdict(middle(ratios), aim),
    ...canCountInstructions ? instructionsOf(readings, work, target, yardstick) : [],
    ...added(timings.get(work), yardstick, target), orDash(memory / 2 ** 20, value => value.toFixed(0))
  ]
}

function instructionsOf (readings: Found['readings'], work: Work, target: Target, yardstick: Target): string[] {
  const own = seriesOf(readings, work, target, instructions)
  const nginx = seriesOf(readings, work, yardstick, instructions)
  return [middleText(own, 0), middleText(nginx, 0), middleText(over(own, nginx), 2)]
}

function aimOf ({ aims }: Work, { gateway }: Target): Aim | null {
  return aims === null || gateway === null ? null : { aim: aims[gateway.store], stretch: aims.stretch }
}

/** What the target adds to nginx's own time for one request alone, ms. */
function added (timings: ReadonlyMap<Target, readonly Timing[]> | undefined, yardstick: Target, target: Target): [p50: string, p99: string] {
  const own = timings?.get(target)?.map(({ whole }) => whole)
  const nginx = timings?.get(yardstick)?.map(({ whole }) => whole)
  if (own === undefined || nginx === undefined) return ['', '']
  const at = (share: number): string => signedMs(quantile(own, share) - quantile(nginx, share))
  return [at(0.5), at(0.99)]
}

function signedMs (nanoseconds: number): string {
  return `${nanoseconds < 0 ? '−' : '+'}${Math.abs(nanoseconds / 1e6).toFixed(2)} ms`
}
