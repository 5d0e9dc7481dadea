import type { Timing } from '../load/caller.ts'
import { quantile } from '../measure/quantile.ts'
import type { Span } from '../measure/spans.ts'
import type { Found } from '../measure.ts'
import type { Health, Lateness } from '../stand/probe.ts'
import type { Target } from '../stand/target.ts'
import { steadyRate, tooLate } from '../steady.ts'
import type { Steadiness } from '../steady.ts'
import type { Footprint } from '../waiting.ts'
import { jsonWork, stampedWork } from '../works.ts'
import { aimText, verdict } from './aim.ts'
import type { Aim } from './aim.ts'
import { cpu, middle, orDash, over, seriesOf } from './series.ts'
import { table } from './table.ts'

interface Line {
  readonly name: string
  readonly unit: string
  readonly digits: number
  readonly value: number
  readonly aim: Aim | null
}

const loopAim: Aim = { aim: 5, stretch: null }

/** A line for each figure and gateway, with its aim: latency, memory, start, health. */
export function figuresTable (found: Found): string {
  const gateways = found.contestants.main.filter(({ gateway }) => gateway !== null)
  const byGateway = gateways.map(target => linesOf(found, target).map(line => [line.name, target.name, ...cellsOf(line)]))
  const names = [...new Set(byGateway.flat().map(([name]) => name))]
  const rows = names.flatMap(name => byGateway.flatMap(lines => lines.filter(([other]) => other === name)))
  return table(['figure', 'through', 'measured', 'aim', ''], rows)
}

function cellsOf ({ value, digits, unit, aim }: Line): string[] {
  return [orDash(value, number => `${number.toFixed(digits)} ${unit}`.trimEnd()), aimText(aim), verdict(value, aim)]
}

function linesOf (found: Found, target: Target): Line[] {
  const store = target.gateway?.store ?? 'sqlite'
  const before = target.name !== store
  return [
    ...latencyLines(found, target, store === 'sqlite'),
    ...memoryLines(before ? undefined : found.footprints.get(store), store === 'sqlite'),
    ...latenessLines(found.lateness.get(target)),
    ...healthLines(found.health.get(target)),
    ...steadyLines(found.steady.get(target)),
    ...rateLines(found, target),
    ...peerLines(found, target, store === 'sqlite'),
    ...workerLines(found, target)
  ]
}

function latencyLines ({ timings, contestants: { yardstick } }: Found, target: Target, sqlite: boolean): Line[] {
  const added = (work: typeof jsonWork, time: (timing: Timing) => number | readonly number[], share: number): number => {
    const at = (one: Target): number => quantile((timings.get(work)?.get(one) ?? []).flatMap(time), share)
    return (at(target) - at(yardstick)) / 1e6
  }
  const whole = ({ whole }: Timing): number => whole
  const firstText = ({ firstText }: Timing): number => firstText
  const underway = ({ underway }: Timing): readonly number[] => underway
  return [
    line('JSON alone, p50 added', 'ms', 3, added(jsonWork, whole, 0.5), { aim: sqlite ? 0.15 : 0.25, stretch: 0.1 }),
    line('JSON alone, p99 added', 'ms', 3, added(jsonWork, whole, 0.99)),
    line('time to first token, p50 added', 'ms', 3, added(stampedWork, firstText, 0.5)),
    line('time to first token, p99 added', 'ms', 3, added(stampedWork, firstText, 0.99)),
    line('an event underway, p50 added', 'ms', 3, added(stampedWork, underway, 0.5)),
    line('an event underway, p99 added', 'ms', 3, added(stampedWork, underway, 0.99))
  ]
}

function memoryLines (footprint: Footprint | undefined, sqlite: boolean): Line[] {
  const { idle = NaN, steady = NaN, recovered = NaN, perStream = NaN, startMs = NaN, eventCpu = NaN } = footprint ?? {}
  return [
    line('RSS idle', 'MB', 0, megabytes(idle), { aim: 90, stretch: 75 }),
    line('RSS with the streams', 'MB', 0, megabytes(steady)),
    line('RSS after them', 'MB', 0, megabytes(recovered)),
    line('RSS a waiting stream', 'KB', 0, perStream / 1024, { aim: 64, stretch: 35 }),
    line('CPU an event of a waiting stream', 'µs', 1, eventCpu),
    line('start to first answer', 's', 2, startMs / 1000, { aim: sqlite ? 0.6 : 0.8, stretch: 0.4 })
  ]
}

function latenessLines (lateness: Lateness | undefined): Line[] {
  return [
    line('whole bench: event loop late, p50', 'ms', 1, lateness?.p50 ?? NaN),
    line('whole bench: event loop late, p99', 'ms', 1, lateness?.p99 ?? NaN, loopAim)
  ]
}

function healthLines (health: Health | undefined): Line[] {
  return [
    line('64 in flight: event loop late, p50', 'ms', 1, health?.late.p50 ?? NaN),
    line('64 in flight: event loop late, p99', 'ms', 1, health?.late.p99 ?? NaN, loopAim),
    ...spanLines('64 in flight: garbage collector', 'pause', health?.pauses)
  ]
}

function steadyLines (steady: Steadiness | undefined): Line[] {
  const rate = `${steadyRate}/s`
  const of = `of ${steady?.requests ?? 0}`
  return [
    line(`${rate}: p50 added`, 'ms', 2, steady?.added.p50 ?? NaN),
    line(`${rate}: p99 added`, 'ms', 2, steady?.added.p99 ?? NaN),
    line(`${rate}: most added`, 'ms', 2, steady?.added.max ?? NaN),
    line(`${rate}: above ${tooLate} ms`, of, 0, steady?.late ?? NaN),
    line(`${rate}: above ${tooLate} ms, outside pauses`, of, 0, steady?.lateWithoutPauses ?? NaN, { aim: 0, stretch: null }),
    line(`${rate}: above ${tooLate} ms, nor in standstills`, of, 0, steady?.lateWithoutStandstills ?? NaN),
    line(`${rate}: above ${tooLate} ms, through nginx`, of, 0, steady?.lateThroughYardstick ?? NaN),
    line(`${rate}: event loop late, p99`, 'ms', 1, steady?.health.late.p99 ?? NaN, loopAim),
    ...spanLines(`${rate}: garbage collector`, 'pause', steady?.health.pauses),
    ...spanLines(`${rate}: cores`, 'standstill', steady?.standstills)
  ]
}

/** @param name of one of them */
function spanLines (from: string, name: string, spans: readonly Span[] | null | undefined): Line[] {
  const lengths = spans?.map(({ start, end }) => (end - start) / 1e6) ?? []
  return [
    line(`${from}, ${name}s`, '', 0, spans?.length ?? NaN),
    line(`${from}, median ${name}`, 'ms', 2, quantile(lengths, 0.5)),
    line(`${from}, longest ${name}`, 'ms', 1, quantile(lengths, 1))
  ]
}

function rateLines ({ rates, contestants: { yardstick } }: Found, target: Target): Line[] {
  return Array.from(rates.get(target) ?? [], ([bound, rate]) =>
    line(`requests a second at a p99 below ${bound} ms`, `(nginx ${Math.round(rates.get(yardstick)?.get(bound) ?? 0)})`, 0, rate))
}

/** On the same Node, in the same rounds. */
function peerLines ({ readings, contestants: { main } }: Found, target: Target, sqlite: boolean): Line[] {
  return main.filter(({ gateway }) => gateway === null).map(peer => {
    const times = middle(over(seriesOf(readings, jsonWork, peer, cpu), seriesOf(readings, jsonWork, target, cpu)))
    return line(`requests a second a core, against ${peer.name}`, '×', 1, times, { aim: sqlite ? 10 : 9, stretch: 14, atLeast: true })
  })
}

/** Twice the cores at the cost of each request: without cores for both, what they would carry. */
function workerLines ({ comparison }: Found, target: Target): Line[] {
  if (comparison === null || comparison.pair === null || target.gateway?.store !== 'redis') return []
  const { readings, pair } = comparison
  const cost = middle(over(seriesOf(readings, jsonWork, pair, cpu), seriesOf(readings, jsonWork, target, cpu)))
  return [line('two workers against one, by CPU a request', '×', 2, 2 / cost, { aim: 1.8, stretch: null, atLeast: true })]
}

function line (name: string, unit: string, digits: number, value: number, aim: Aim | null = null): Line {
  return { name, unit, digits, value, aim }
}

function megabytes (bytes: number): number {
  return bytes / 2 ** 20
}
