import type { TakingPart } from './ability.ts'
import type { Failures } from './failures.ts'
import { load } from './load/wrk.ts'
import { inFlight } from './rounds.ts'
import { requestOf } from './stand/target.ts'
import { jsonWork } from './works.ts'

export interface WarmUp {
  /** Of one turn. */
  readonly ms: number
  /** The JSON work needs the most: all others run through most of its code, too. */
  readonly jsonTurns: number
}

/** Has V8 compile what is going to be measured: all works after each other, by all that is not nginx. */
export async function warmUp (takingPart: TakingPart, { ms, jsonTurns }: WarmUp, failures: Failures): Promise<void> {
  for (const [work, targets] of takingPart) {
    for (const target of targets.filter(({ isNginx }) => !isNginx)) {
      const options = { inFlight, ms: work === jsonWork ? ms * jsonTurns : ms }
      await load(target, requestOf(target, work), options).catch((error: unknown) => failures.add(error))
    }
  }
}
