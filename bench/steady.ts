import { setTimeout as sleep } from 'node:timers/promises'
import { Caller } from './load/caller.ts'
import { median, quantile } from './measure/quantile.ts'
import type { Health } from './stand/probe.ts'
import { requestOf } from './stand/target.ts'
import type { Target } from './stand/target.ts'
import type { Work } from './works.ts'

/** A gateway under a load that leaves it most of its time. Times in ms. */
export interface Steadiness {
  readonly requests: number
  /** The time of a request less the median time of those that went through the yardstick in the same seconds. */
  readonly added: { readonly p50: number, readonly p99: number, readonly max: number }
  /** Requests to which more than `tooLate` was added, for neither of the two reasons below. */
  readonly late: number
  /** Those that met a pause of the garbage collector. */
  readonly lateByPause: number
  /** Those that met none, but were under way while one through the yardstick was as late: then the machine stood still. */
  readonly lateWithYardstick: number
  /** Of the requests through the yardstick. */
  readonly lateThroughYardstick: number
  readonly health: Health
}

/** Requests a second, to the gateway and to the yardstick each. */
export const steadyRate = 200
/** ms */
export const tooLate = 20

/** Kept open, so that a request that takes long holds up no other: those of a second. */
const connections = 100

/** From a request to the end of its answer; ns, of the clock that all processes share. */
export interface Call {
  readonly start: number
  readonly end: number
}

/** Sends a fixed number of requests a second, however long the answers take, for so many seconds. */
export async function steadiness (work: Work, target: Target, yardstick: Target, seconds: number): Promise<Steadiness> {
  const [own, nginx] = [await pool(work, target), await pool(work, yardstick)]
  const health = target.gateway?.probe
  if (health === undefined) throw new Error('only gateways tell of their pauses')
  await health('on')
  const [calls, others] = await Promise.all([paced(own, seconds), paced(nginx, seconds)])
  await health('off')
  for (const caller of [...own, ...nginx]) caller.close()
  return steadinessOf(calls, others, await health('report') as Health)
}

async function pool (work: Work, target: Target): Promise<Caller[]> {
  return await Promise.all(Array.from({ length: connections }, async () => {
    const caller = await Caller.connect(target, requestOf(target, work))
    await caller.call()
    return caller
  }))
}

async function paced (callers: readonly Caller[], seconds: number): Promise<Call[]> {
  const free = [...callers]
  const calls: Array<Promise<Call>> = []
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

async function timed (caller: Caller): Promise<Call> {
  const start = Number(process.hrtime.bigint())
  const { whole } = await caller.call()
  return { start, end: start + whole }
}

/** Sorts the late requests by what made them late. */
export function steadinessOf (calls: readonly Call[], others: readonly Call[], health: Health): Steadiness {
  const nginxMs = median(others.map(duration))
  const added = calls.map(call => duration(call) - nginxMs)
  const isLate = (call: Call): boolean => duration(call) - nginxMs > tooLate
  const lateOthers = others.filter(isLate)
  const meets = (call: Call, spans: readonly Call[]): boolean => spans.some(span => overlap(call, span))
  const [byPause, rest] = split(calls.filter(isLate), call => meets(call, health.pauses))
  const [withYardstick, late] = split(rest, call => meets(call, lateOthers))
  return {
    requests: calls.length,
    added: { p50: median(added), p99: quantile(added, 0.99), max: Math.max(...added) },
    late: late.length,
    lateByPause: byPause.length,
    lateWithYardstick: withYardstick.length,
    lateThroughYardstick: lateOthers.length,
    health
  }
}

function split<Item> (items: readonly Item[], holds: (item: Item) => boolean): [those: Item[], others: Item[]] {
  return [items.filter(holds), items.filter(item => !holds(item))]
}

function duration ({ start, end }: Call): number {
  return (end - start) / 1e6
}

function overlap (one: Call, other: Call): boolean {
  return one.start < other.end && other.start < one.end
}
