import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../helpers/until.ts'
import { collect } from './evidence.ts'
import { judge } from './judge.ts'
import type { Verdict } from './judge.ts'
import { Load } from './load.ts'
import type { Scenario } from './scenarios.ts'
import { Stand } from './stand.ts'
import type { Teardown } from './teardown.ts'

/** Of undisturbed load before anything happens, ms. */
const calmMs = 1_000
/** What a request costs about, nano-USD, and how much longer than the calm the budget lasts, s: it is reached in the middle of things. */
const usualCost = 15_000
const budgetLasts = 8

/** A scenario that takes longer hangs, ms. */
const longestPlayMs = 180_000

export interface Run extends Verdict {
  /** Requests that got no answer of their model, by error code; `broken`: not even an error. */
  readonly refusals: Readonly<Record<string, number>>
  /** ms */
  readonly longestWait: number
  readonly restMs: number
}

/** Plays a scenario on a stand of its own, under load (requests a second), and judges what is left when all has come to rest. */
export async function run (t: Teardown, { play, forgetful = false }: Scenario, rate: number): Promise<Run> {
  const stand = await Stand.start(t, { budget: usualCost * rate / 2 * budgetLasts, forgetful })
  const load = new Load({ callers: stand.callers, rate, urls: () => stand.urls })
  await sleep(calmMs)
  await within(longestPlayMs, scene(stand, load, play)).finally(() => load.stop())
  const evidence = await collect(stand, load.calls)
  const refused = load.calls.filter(({ ending }) => ending === 'refused' || ending === 'broken')
  return {
    ...judge(evidence),
    refusals: Object.fromEntries(Array.from(Map.groupBy(refused, ({ code }) => code ?? 'broken'), ([code, calls]) => [code, calls.length])),
    longestWait: Math.max(...load.calls.map(({ tookMs }) => tookMs)),
    restMs: evidence.restMs
  }
}

/** What is to happen, until the budget has been reached too. */
async function scene (stand: Stand, load: Load, play: Scenario['play']): Promise<void> {
  await play(stand, load)
  await until(() => load.calls.some(({ code }) => code === 'insufficient_quota'))
}

async function within (ms: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController()
  const late = sleep(ms, undefined, { signal: timer.signal }).then(() => { throw new Error(`not over after ${ms} ms`) })
  await Promise.race([work, late]).finally(() => { timer.abort() })
}
