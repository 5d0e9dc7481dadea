import type { Target } from '../stand/target.ts'
import { requestOf } from '../stand/target.ts'
import type { Work } from '../works.ts'
import { Caller } from './caller.ts'

/**
 * Keeps requests in flight for a while and lets all of them end, so that every request has its answer: for those who count. Slower
 * than wrk, which drops what is in flight at its end. Returns how many there were.
 */
export async function closedLoop (target: Target, work: Work, { inFlight, ms }: { readonly inFlight: number, readonly ms: number }): Promise<number> {
  const until = performance.now() + ms
  const counts = await Promise.all(Array.from({ length: inFlight }, async () => {
    const caller = await Caller.connect(target, requestOf(target, work))
    let count = 0
    for (; performance.now() < until; count++) await caller.call()
    caller.close()
    return count
  }))
  return counts.reduce((sum, count) => sum + count, 0)
}
