import type { Timing } from '../load/caller.ts'
import { median, quantile } from '../measure/quantile.ts'
import type { LoopHealth } from '../measure/gateway-metrics.ts'
import type { Target } from '../stand/target.ts'
import type { Footprint } from '../waiting.ts'
import { aimText, verdict } from './aim.ts'
import type { Aim } from './aim.ts'
import { table } from './table.ts'

/** What was found of one gateway besides its CPU time. */
export interface Figures {
  readonly target: Target
  /** One JSON request alone, through the gateway and through nginx. */
  readonly json: Compared
  /** One stream alone. */
  readonly stream: Compared
  readonly footprint: Footprint
  /** One for each reading of the rounds. */
  readonly loops: readonly LoopHealth[]
  /** By the bound of the 99th percentile, ms: requests a second. */
  readonly rates: ReadonlyMap<number, Rate>
}

export interface Compared {
  readonly own: readonly Timing[]
  readonly nginx: readonly Timing[]
}

export interface Rate {
  readonly own: number
  readonly nginx: number
}

interface Line {
  readonly name: string
  readonly unit: string
  readonly digits: number
  readonly value: number
  readonly aim: Aim | null
}

/** A line for each figure and gateway, with its aim. */
export function figuresTable (all: readonly Figures[]): string {
  const byStore = all.map(figures => linesOf(figures).map(line => [line.name, figures.target.name, ...cellsOf(line)]))
  const rows = (byStore[0] ?? []).flatMap((_, index) => byStore.map(lines => lines[index] ?? []))
  return table(['figure', 'through', 'measured', 'aim', ''], rows)
}

function cellsOf ({ value, digits, unit, aim }: Line): string[] {
  return [`${value.toFixed(digits)} ${unit}`.trimEnd(), aimText(aim, String), verdict(value, aim)]
}

function linesOf ({ target, json, stream, footprint, loops, rates }: Figures): Line[] {
  const sqlite = target.store === 'sqlite'
  const whole = ({ whole }: Timing): number => whole
  const firstText = ({ firstText }: Timing): number => firstText
  return [
    line('JSON alone, p50 added', 'ms', 3, addedMs(json, whole, 0.5), { aim: sqlite ? 0.15 : 0.25, stretch: 0.1 }),
    line('JSON alone, p99 added', 'ms', 3, addedMs(json, whole, 0.99)),
    line('time to first token, p50 added', 'ms', 3, addedMs(stream, firstText, 0.5)),
    line('time to first token, p99 added', 'ms', 3, addedMs(stream, firstText, 0.99)),
    line('an event underway, p50 added', 'ms', 3, underwayMs(stream, 0.5)),
    line('an event underway, p99 added', 'ms', 3, underwayMs(stream, 0.99)),
    line('RSS idle', 'MB', 0, megabytes(footprint.idle), { aim: 90, stretch: 75 }),
    line('RSS with the streams', 'MB', 0, megabytes(footprint.steady)),
    line('RSS after them', 'MB', 0, megabytes(footprint.recovered)),
    line('RSS a waiting stream', 'KB', 0, footprint.perStream / 1024, { aim: 64, stretch: 35 }),
    line('start to first answer', 's', 2, footprint.startMs / 1000, { aim: sqlite ? 0.6 : 0.8, stretch: 0.4 }),
    line('event loop late, p99', 'ms', 1, median(loops.map(({ delayP99 }) => delayP99)), { aim: 5, stretch: null }),
    line('garbage collector, a pause', 'ms', 2, total(loops, 'pauseSum') / total(loops, 'pauses')),
    line('garbage collector, pauses above 10 ms', '', 0, total(loops, 'longPauses')),
    ...Array.from(rates, ([bound, { own, nginx }]) => line(`requests at a p99 below ${bound} ms`, `/s (nginx ${Math.round(nginx)})`, 0, own))
  ]
}

function line (name: string, unit: string, digits: number, value: number, aim: Aim | null = null): Line {
  return { name, unit, digits, value, aim }
}

function addedMs ({ own, nginx }: Compared, time: (timing: Timing) => number, share: number): number {
  return (quantile(own.map(time), share) - quantile(nginx.map(time), share)) / 1e6
}

function underwayMs ({ own, nginx }: Compared, share: number): number {
  const all = (timings: readonly Timing[]): number[] => timings.flatMap(({ underway }) => underway)
  return (quantile(all(own), share) - quantile(all(nginx), share)) / 1e6
}

function megabytes (bytes: number): number {
  return bytes / 2 ** 20
}

function total (loops: readonly LoopHealth[], field: 'pauses' | 'pauseSum' | 'longPauses'): number {
  return loops.reduce((sum, loop) => sum + loop[field], 0)
}
