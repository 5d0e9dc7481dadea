import { Caller } from './load/caller.ts'
import type { Timing } from './load/caller.ts'
import { requestOf } from './stand/target.ts'
import type { Target } from './stand/target.ts'
import type { Work } from './works.ts'

/** The times of single requests, by work and target. */
export type Timings = ReadonlyMap<Work, ReadonlyMap<Target, readonly Timing[]>>

/** Sends one request at a time, in turns to every target, so that neighbours in time are compared. */
export async function inTurns (work: Work, targets: readonly Target[], requests: number): Promise<ReadonlyMap<Target, readonly Timing[]>> {
  const callers = await Promise.all(targets.map(async target => ({ caller: await Caller.connect(target, requestOf(target, work)), target, timings: [] as Timing[] })))
  for (let sent = 0; sent < requests; sent++) {
    for (const { caller, timings } of callers) timings.push(await caller.call())
  }
  for (const { caller } of callers) caller.close()
  return new Map(callers.map(({ target, timings }) => [target, timings]))
}
