import { load } from './load/wrk.ts'
import { loopHealth, since } from './measure/gateway-metrics.ts'
import type { LoopHealth } from './measure/gateway-metrics.ts'
import type { Target } from './stand/target.ts'
import type { Work } from './works.ts'

/** What one target did for one work in one round. */
export interface Reading {
  /** CPU time of the target, µs a unit of the work. */
  readonly cpu: number
  /** For how much of its running time the target waited for its core: other programs were on it. */
  readonly waitedShare: number
  readonly residentBytes: number
  /** Null for what has no such metrics. */
  readonly loop: LoopHealth | null
}

/** Readings in the order of the rounds: the same index is the same minute. */
export type Readings = ReadonlyMap<Work, ReadonlyMap<Target, readonly Reading[]>>

export interface RoundsOptions {
  readonly rounds: number
  /** Length of one reading, ms. */
  readonly ms: number
  readonly onRound: (round: number) => void
}

/** Enough that the target is never idle, as in the measurements that the aims come from. */
const inFlight = 64

/**
 * Reads every target at every work, round after round, in random order: what other programs do to the machine meets all alike, and
 * the ratio within a round is good where times are not.
 */
export async function interleave (works: readonly Work[], targets: readonly Target[], { rounds, ms, onRound }: RoundsOptions): Promise<Readings> {
  const readings = new Map(works.map(work => [work, new Map(targets.map(target => [target, [] as Reading[]]))]))
  for (let round = 1; round <= rounds; round++) {
    onRound(round)
    for (const work of shuffled(works)) {
      for (const target of shuffled(targets)) readings.get(work)?.get(target)?.push(await read(work, target, ms))
    }
  }
  return readings
}

async function read (work: Work, target: Target, ms: number): Promise<Reading> {
  const loopBefore = await healthOf(target)
  const before = target.process.cpu()
  const result = await load(target, target.requestFor(work), { inFlight, ms })
  const after = target.process.cpu()
  const loopAfter = await healthOf(target)
  const wrong = target.store !== null && work.expected.status > 399 ? result.requests - result.refused : result.refused
  // Those that the interrupt cut off count as broken: they are in flight at most.
  if (wrong > 0 || result.broken > inFlight) throw new Error(`${target.name}, ${work.name}: ${wrong} wrong answers, ${result.broken} broken of ${result.requests}`)
  const used = after.used - before.used
  const waited = after.waited - before.waited
  return {
    cpu: used / 1000 / (result.requests * work.unitsPerRequest),
    waitedShare: waited / (used + waited),
    residentBytes: target.process.residentBytes(),
    loop: loopBefore === null || loopAfter === null ? null : since(loopBefore, loopAfter)
  }
}

async function healthOf ({ operatorPort }: Target): Promise<LoopHealth | null> {
  return operatorPort === null ? null : await loopHealth(operatorPort)
}

function shuffled<Item> (items: readonly Item[]): Item[] {
  return items.map(item => ({ item, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ item }) => item)
}
