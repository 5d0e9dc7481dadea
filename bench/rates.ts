import { countedLoad } from './load/counted.ts'
import type { LoadResult } from './load/wrk.ts'
import type { Target } from './stand/target.ts'
import { watchMiddle } from './watch.ts'
import type { Work } from './works.ts'

/** ms */
const bounds: readonly number[] = [2, 5, 10, 20]
const concurrencies: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128]

/** Requests a second by bound, ms. */
export type Rates = ReadonlyMap<Target, ReadonlyMap<number, number>>

/** How many requests a second go through each target while 99 of 100 take less than a bound (ms), whatever the number in flight. */
export async function ratesWithinBounds (work: Work, targets: readonly Target[], ms: number): Promise<Rates> {
  const results = new Map(targets.map(target => [target, [] as LoadResult[]]))
  for (const inFlight of concurrencies) {
    for (const target of targets) {
      const [result] = await Promise.all([countedLoad(target, work, { inFlight, ms }), watchMiddle(target, ms)])
      results.get(target)?.push(result)
    }
  }
  return new Map(Array.from(results, ([target, all]) => [target, new Map(bounds.map(bound => [bound, bestWithin(all, bound)]))]))
}

function bestWithin (results: readonly LoadResult[], bound: number): number {
  return Math.max(0, ...results.filter(({ p99 }) => p99 <= bound).map(({ requests, seconds }) => requests / seconds))
}
