import { oneInFlight } from './alone.ts'
import type { Timings } from './alone.ts'
import { load } from './load/wrk.ts'
import { measuredCore } from './machine.ts'
import { differenceFrom } from './probe.ts'
import { ratesWithinBounds } from './rates.ts'
import { interleave } from './rounds.ts'
import type { Readings } from './rounds.ts'
import type { Gateway, StoreName } from './stand/gateway.ts'
import { eventsPerStream } from './stand/answers.ts'
import { startPeer } from './stand/peer.ts'
import { buildStand } from './stand/stand.ts'
import type { Stand } from './stand/stand.ts'
import { gatewayTarget } from './stand/target.ts'
import type { Target } from './stand/target.ts'
import { footprint } from './waiting.ts'
import type { Footprint } from './waiting.ts'
import { jsonWork, stampedWork, works as allWorks } from './works.ts'
import type { Work } from './works.ts'

/** How much is measured. */
export interface Extent {
  readonly rounds: number
  readonly readingMs: number
  readonly warmUpMs: number
  /** Requests with nothing else in flight, by work and target. */
  readonly alone: number
  /** Null: leave the rates at bounds of latency out. */
  readonly ratesMs: number | null
  readonly waiting: { readonly streams: number, readonly holdMs: number }
}

export interface Wanted {
  readonly stores: readonly StoreName[]
  /** Only works whose name contains this; then without memory and start. */
  readonly only: string
  /** The folder of another version, to be measured beside this one. */
  readonly against: string | null
  /** Also measure another gateway. */
  readonly peers: boolean
  readonly extent: Extent
}

/** Everything that was measured. */
export interface Found {
  readonly works: readonly Work[]
  /** Works that could not be measured, and why. */
  readonly leftOut: readonly string[]
  readonly yardstick: Target
  readonly targets: readonly Target[]
  readonly readings: Readings
  readonly timings: Timings
  /** Of this version only. */
  readonly footprints: ReadonlyMap<Target, Footprint>
  readonly rates: ReadonlyMap<Target, ReadonlyMap<number, number>>
}

export async function measure (wanted: Wanted): Promise<Found> {
  const stand = await buildStand(wanted.stores)
  try {
    return await measureOn(stand, wanted)
  } finally {
    await stand.close()
  }
}

async function measureOn (stand: Stand, { stores, only, against, peers, extent }: Wanted): Promise<Found> {
  const { yardstick } = stand
  const footprints = new Map<StoreName, Footprint>()
  for (const store of only === '' ? stores : []) {
    say(`memory and start, ${store}`)
    footprints.set(store, await footprint(stand, store, extent.waiting))
  }
  const gateways = new Map<Target, Gateway>()
  for (const store of stores) {
    const gateway = await stand.start(store)
    gateways.set(gatewayTarget(store, gateway), gateway)
    if (against === null) continue
    const other = await stand.start(store, { root: against })
    gateways.set(gatewayTarget(store, other, `${store}, before`), other)
  }
  const targets = [...gateways.keys()]
  const { works, leftOut } = await choose(allWorks.filter(({ name }) => name.includes(only)), targets)
  const peer = peers ? await startPeer(stand, measuredCore) : null
  if (peer !== null) targets.push(peer)
  say('warming up')
  for (const target of targets) {
    // What all works have in common needs the most.
    await load(target, target.requestFor(jsonWork), { inFlight: 64, ms: 3 * extent.warmUpMs })
    for (const work of works) await load(target, target.requestFor(work), { inFlight: 64, ms: extent.warmUpMs })
  }
  const readings = await interleave(works, [yardstick, ...targets], {
    rounds: extent.rounds,
    ms: extent.readingMs,
    onRound: round => {
      say(`round ${round} of ${extent.rounds}`)
      for (const gateway of gateways.values()) gateway.forgetLog()
    }
  })
  say('one request at a time')
  const everyone = [yardstick, ...targets]
  const timings = new Map([
    ...await oneInFlight(works.filter(({ behaviour }) => behaviour !== 'paced'), everyone, extent.alone),
    ...await oneInFlight([stampedWork], everyone, Math.ceil(extent.alone / eventsPerStream))
  ])
  say('rates')
  const rates = extent.ratesMs === null ? new Map() : await ratesWithinBounds(jsonWork, everyone, extent.ratesMs)
  return { works, leftOut, yardstick, targets, readings, timings, footprints: byTarget(targets, footprints), rates }
}

function byTarget (targets: readonly Target[], footprints: ReadonlyMap<StoreName, Footprint>): Map<Target, Footprint> {
  return new Map(targets.flatMap(target => {
    const footprint = target.store === target.name ? footprints.get(target.store) : undefined
    return footprint === undefined ? [] : [[target, footprint]]
  }))
}

/** The works whose requests every target answers as it should. */
async function choose (works: readonly Work[], targets: readonly Target[]): Promise<{ works: Work[], leftOut: string[] }> {
  const chosen: Work[] = []
  const leftOut: string[] = []
  for (const work of works) {
    const differences = (await Promise.all(targets.map(async target => await differenceFrom(work, target)))).filter(difference => difference !== null)
    if (differences.length === 0) chosen.push(work)
    else leftOut.push(`${work.name}: ${differences.join('; ')}`)
  }
  return { works: chosen, leftOut }
}

function say (what: string): void {
  process.stderr.write(`${what}\n`)
}
