import type { Target } from '../stand/target.ts'
import { requestOf } from '../stand/target.ts'
import type { Work } from '../works.ts'
import { load } from './wrk.ts'
import type { LoadOptions, LoadResult } from './wrk.ts'

/** Load that is believed only when both sides agree (`expectAnswers`). */
export async function countedLoad (target: Target, work: Work, options: LoadOptions): Promise<LoadResult> {
  const confirm = await expectAnswers(target, work, options)
  const result = await load(target, requestOf(target, work), options)
  await confirm(result)
  return result
}

/**
 * Call it before some load, and what it returns after: it throws unless every answer was what the work expects, and the target says
 * that it has answered as many requests as the load generator has counted.
 */
export async function expectAnswers (target: Target, work: Work, { inFlight }: LoadOptions): Promise<(result: LoadResult) => Promise<void>> {
  const before = await target.served()
  return async result => {
    const after = await target.served()
    const served = before === null || after === null ? null : after - before
    const complaint = wrongAnswers(target, work, result, inFlight) ?? wrongCount(result, served, inFlight)
    if (complaint !== null) throw new Error(`${work.name}, ${target.name}: ${complaint}`)
  }
}

function wrongAnswers (target: Target, work: Work, { requests, refused, broken }: LoadResult, inFlight: number): string | null {
  if (requests === 0) return 'no answer'
  const wrong = target.gateway !== null && work.expected.status > 399 ? requests - refused : refused
  // Those that the interrupt cut off count as broken: they are in flight at most.
  return wrong > 0 || broken > inFlight ? `${wrong} wrong answers, ${broken} broken of ${requests}${lastError(target)}` : null
}

/** Why a gateway refused the last request that it did refuse, by its log. */
function lastError ({ process }: Target): string {
  const code = Array.from(process.lastWords().matchAll(/"error":"(\w+)"/g)).at(-1)?.[1]
  return code === undefined ? '' : `; the last ended with ${code}`
}

/** The requests that were in flight at either end are on one side's count only. */
function wrongCount ({ requests }: LoadResult, served: number | null, inFlight: number): string | null {
  return served === null || Math.abs(served - requests) <= 2 * inFlight ? null : `${requests} answers were counted, and ${served} given`
}
