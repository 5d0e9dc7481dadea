import { expectAnswers } from './load/counted.ts'
import { load } from './load/wrk.ts'
import type { LoadOptions } from './load/wrk.ts'
import { countInstructions } from './measure/instructions.ts'
import type { Stand } from './stand/stand.ts'
import { requestOf } from './stand/target.ts'
import type { Target } from './stand/target.ts'
import { watchMiddle } from './watch.ts'
import type { Work } from './works.ts'

/** What one target did for one work in one round. */
export interface Reading {
  /** CPU time of the target, µs a unit of the work. */
  readonly cpu: number
  /** Instructions of the target a unit of the work; null where they cannot be counted. */
  readonly instructions: number | null
  readonly requestsPerSecond: number
  /** For how much of its running time the target waited for its core: other programs were on it. */
  readonly waitedShare: number
  readonly residentBytes: number
}

/** Readings in the order of the rounds: the same index is the same minute. Null: it failed. */
export type Readings = ReadonlyMap<Work, ReadonlyMap<Target, ReadonlyArray<Reading | null>>>

export interface RoundsOptions {
  readonly rounds: number
  /** No round is begun after so long, ms: a machine that others are busy on does fewer. */
  readonly budgetMs: number
  /** Length of one reading, ms. */
  readonly ms: number
  readonly onRound?: (round: number) => void
  /** Returns what stands in the gap. */
  readonly onFailure: (error: unknown) => null
}

/** So many that the target is never idle, as in the measurements that the aims come from. */
export const inFlight = 64
/** Requests of a reading, and what its length is multiplied by when they were fewer. */
const enough = 4 * inFlight
const longer = 4
/** How long a stream takes whose events are paced, and then some, ms: at least one has to end in a reading. */
const wholeStream = 400

/**
 * Reads every target at every work that it takes part in, round after round, in random order: what other programs do to the machine
 * meets all alike, and the ratio within a round is good where times are not. What fails leaves a gap.
 */
export async function interleave (stand: Stand, takingPart: ReadonlyMap<Work, readonly Target[]>, { rounds, budgetMs, ms, onRound, onFailure }: RoundsOptions): Promise<Readings> {
  const readings = new Map(Array.from(takingPart, ([work, targets]) => [work, new Map(targets.map(target => [target, [] as Array<Reading | null>]))]))
  const begun = performance.now()
  for (let round = 1; round <= rounds && performance.now() - begun < budgetMs; round++) {
    onRound?.(round)
    for (const [work, byTarget] of shuffled(readings)) {
      for (const [target, list] of shuffled(byTarget)) {
        const options = { inFlight, ms: work.unit === 'event' ? ms + wholeStream : ms }
        list.push(await read(stand, work, target, options, 1).catch(onFailure))
      }
    }
  }
  return readings
}

/** A reading with few requests says more of those that were cut off at its end: it is repeated, longer. */
async function read (stand: Stand, work: Work, target: Target, options: LoadOptions, repeats: number): Promise<Reading> {
  // Asking costs the gateway some ms: before the clocks start, and after they have stopped.
  const confirm = await expectAnswers(target, work, options)
  const instructionsUntilNow = await countInstructions(target.process.pid)
  const sentBefore = await eventsSent(stand, work)
  const before = target.process.cpu()
  const [result] = await Promise.all([load(target, requestOf(target, work), options), watchMiddle(target, options.ms)])
  const after = target.process.cpu()
  const units = work.unit === 'request' ? result.requests : await eventsSent(stand, work) - sentBefore
  const instructions = await instructionsUntilNow?.() ?? null
  if (result.requests < (work.unit === 'event' ? 1 : enough) && repeats > 0) return await read(stand, work, target, { ...options, ms: options.ms * longer }, repeats - 1)
  await confirm(result)
  const used = after.used - before.used
  const waited = after.waited - before.waited
  return {
    cpu: used / 1000 / units,
    instructions: instructions === null ? null : instructions / units,
    requestsPerSecond: result.requests / result.seconds,
    waitedShare: waited / (used + waited),
    residentBytes: target.process.residentBytes()
  }
}

async function eventsSent (stand: Stand, { unit, behaviour }: Work): Promise<number> {
  return unit === 'request' ? 0 : (await stand.provided()).get(behaviour)?.events ?? 0
}

function shuffled<Item> (items: Iterable<Item>): Item[] {
  return Array.from(items, item => ({ item, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ item }) => item)
}
