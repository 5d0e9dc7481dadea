import { setTimeout as sleep } from 'node:timers/promises'
import { Caller } from './load/caller.ts'
import { median, quantile } from './measure/quantile.ts'
import { merged, overlap } from './measure/spans.ts'
import type { Span } from './measure/spans.ts'
import { watchCores } from './stand/cores.ts'
import type { Health } from './stand/probe.ts'
import type { Stand } from './stand/stand.ts'
import { requestOf } from './stand/target.ts'
import type { Target } from './stand/target.ts'
import type { Work } from './works.ts'

/** A gateway under a load that leaves it most of its time. Times in ms. */
export interface Steadiness {
  readonly requests: number
  /** The time of a request less the median time of those that went through the yardstick in the same seconds. */
  readonly added: { readonly p50: number, readonly p99: number, readonly max: number }
  /** Requests to which more than `tooLate` was added. */
  readonly late: number
  /** Those of them that are it still when the pauses of the garbage collector that they met are taken off. */
  readonly lateWithoutPauses: number
  /** And those that are it still when the standstills that they met are taken off as well. */
  readonly lateWithoutStandstills: number
  /** Of the requests through the yardstick. */
  readonly lateThroughYardstick: number
  /** When a core let no process run, see `stand/witness.ts`; null where that cannot be seen. */
  readonly standstills: readonly Span[] | null
  readonly health: Health
}

/** Requests a second, to the gateway and to the yardstick each. */
export const steadyRate = 200
/** ms */
export const tooLate = 20

/** Kept open, so that a request that takes long holds up no other: those of a second. */
const connections = 100

/** Sends a fixed number of requests a second, however long the answers take, for so many seconds. */
export async function steadiness (work: Work, target: Target, { yardstick, folder }: Stand, seconds: number): Promise<Steadiness> {
  const [own, nginx] = [await pool(work, target), await pool(work, yardstick)]
  const health = target.gateway?.probe
  if (health === undefined) throw new Error('only gateways tell of their pauses')
  const standstills = await watchCores(folder)
  await health('on')
  const [calls, others] = await Promise.all([paced(own, seconds), paced(nginx, seconds)])
  await health('off')
  for (const caller of [...own, ...nginx]) caller.close()
  return steadinessOf(calls, others, await standstills(), await health('report') as Health)
}

async function pool (work: Work, target: Target): Promise<Caller[]> {
  return await Promise.all(Array.from({ length: connections }, async () => {
    const caller = await Caller.connect(target, requestOf(target, work))
    await caller.call()
    return caller
  }))
}

async function paced (callers: readonly Caller[], seconds: number): Promise<Span[]> {
  const free = [...callers]
  const calls: Array<Promise<Span>> = []
  const begun = performance.now()
  while (performance.now() - begun < seconds * 1000) {
    const due = Math.floor((performance.now() - begun) / 1000 * steadyRate)
    while (calls.length < due) {
      const caller = free.shift()
      if (caller === undefined) throw new Error(`no connection is free at ${steadyRate} requests a second`)
      calls.push(timed(caller).finally(() => { free.push(caller) }))
    }
    await sleep(1)
  }
  return await Promise.all(calls)
}

async function timed (caller: Caller): Promise<Span> {
  const start = Number(process.hrtime.bigint())
  const { whole } = await caller.call()
  return { start, end: start + whole }
}

/**
 * Tells late requests from those that the collector or the machine made late.
 *
 * @param calls each from its request to the end of its answer
 * @param others those through the yardstick
 */
export function steadinessOf (calls: readonly Span[], others: readonly Span[], standstills: readonly Span[] | null, health: Health): Steadiness {
  const nginxMs = median(others.map(duration))
  const addedTo = (call: Span): number => duration(call) - nginxMs
  const lateWithout = (spans: readonly Span[]): number => calls.filter(call => addedTo(call) - overlap(call, spans) / 1e6 > tooLate).length
  const added = calls.map(addedTo)
  return {
    requests: calls.length,
    added: { p50: median(added), p99: quantile(added, 0.99), max: Math.max(...added) },
    late: lateWithout([]),
    lateWithoutPauses: lateWithout(merged(health.pauses)),
    lateWithoutStandstills: lateWithout(merged([...health.pauses, ...standstills ?? []])),
    lateThroughYardstick: others.filter(call => addedTo(call) > tooLate).length,
    standstills,
    health
  }
}

function duration ({ start, end }: Span): number {
  return (end - start) / 1e6
}
