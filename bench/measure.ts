import { abilities } from './ability.ts'
import type { TakingPart } from './ability.ts'
import { inTurns } from './alone.ts'
import type { Timings } from './alone.ts'
import { startContestants } from './contestants.ts'
import type { Contestants, ContestantsOptions } from './contestants.ts'
import { Failures, say } from './failures.ts'
import { countSteal } from './measure/steal.ts'
import { ratesWithinBounds } from './rates.ts'
import type { Rates } from './rates.ts'
import { interleave } from './rounds.ts'
import type { Readings } from './rounds.ts'
import { eventsPerStream } from './stand/answers.ts'
import type { StoreName } from './stand/gateway.ts'
import type { Health, Lateness } from './stand/probe.ts'
import { whilePaused } from './stand/process.ts'
import { buildStand } from './stand/stand.ts'
import type { Stand } from './stand/stand.ts'
import type { Target } from './stand/target.ts'
import { steadiness } from './steady.ts'
import type { Steadiness } from './steady.ts'
import { compare } from './variants.ts'
import type { Comparison, VariantsOptions } from './variants.ts'
import { footprint, timedStart } from './waiting.ts'
import type { Footprint, Waiting } from './waiting.ts'
import { warmUp } from './warm-up.ts'
import { jsonWork, stampedWork, works as allWorks } from './works.ts'

/** Leaves time for the rest of a run that is to take less than eight minutes. */
const roundsBudgetMs = 240_000

/** How much is measured. */
export interface Extent {
  readonly rounds: number
  readonly readingMs: number
  readonly warmUpMs: number
  /** Requests with nothing else in flight, by work and target. */
  readonly alone: number
  /** Null: leave the rates at bounds of latency out. */
  readonly ratesMs: number | null
  readonly steadySeconds: number
  readonly waiting: Waiting
}

export interface Wanted extends ContestantsOptions, VariantsOptions {
  /** Only works whose name contains this; then only what they cost. */
  readonly only: string
  readonly extent: Extent
}

/** Everything that was measured. What could not be is missing here, and named among the failures. */
export interface Found {
  readonly failures: readonly string[]
  readonly contestants: Contestants
  readonly readings: Readings
  readonly comparison: Comparison | null
  readonly timings: Timings
  /** Of the gateways, while they were read. */
  readonly health: ReadonlyMap<Target, Health>
  /** Of the gateways, whenever there was load on them, but for one request at a time. */
  readonly lateness: ReadonlyMap<Target, Lateness>
  readonly steady: ReadonlyMap<Target, Steadiness>
  readonly footprints: ReadonlyMap<StoreName, Footprint>
  readonly rates: Rates
  /** Of the cores' time, what other machines on the same host took. */
  readonly stolenShare: number
}

/** Measures everything, in turns. */
export async function measure (wanted: Wanted): Promise<Found> {
  const stand = await buildStand(wanted.stores)
  try {
    return await measureOn(stand, wanted, new Failures())
  } finally {
    await stand.close()
  }
}

async function measureOn (stand: Stand, wanted: Wanted, failures: Failures): Promise<Found> {
  const { extent } = wanted
  const stolenShare = countSteal()
  const whole = wanted.only === ''
  const footprints = await collect(whole ? wanted.stores : [], async store => await failures.orNull(`memory and start, ${store}`, async () => {
    return await footprint(stand, await timedStart(stand, store), extent.waiting)
  }))

  const contestants = await startContestants(stand, wanted, failures)
  const { yardstick, main, fixed } = contestants
  const gateways = main.filter(({ gateway }) => gateway !== null)
  const works = allWorks.filter(({ name }) => name.includes(wanted.only))
  const takingPart = await abilities([...works, stampedWork], [yardstick, ...main, fixed], failures)
  say('warming up')
  await warmUp(takingPart, { ms: extent.warmUpMs, jsonTurns: 3 }, failures)
  const inRounds = new Map(works.map(work => [work, takingPart.get(work) ?? []]))
  const readings = await interleave(stand, inRounds, {
    rounds: extent.rounds,
    budgetMs: roundsBudgetMs,
    ms: extent.readingMs,
    onRound: round => {
      say(`round ${round} of ${extent.rounds}`)
      contestants.forgetLogs()
    },
    onFailure: error => failures.add(error)
  })
  const comparison = works.includes(jsonWork) ? await failures.orNull('variants', async () => await compare(stand, gateways, wanted, failures)) : null
  const health = await collect(gateways, async ({ gateway }) => await gateway?.probe('report') ?? null)

  const compared = new Map(Array.from(takingPart, ([work, able]) => [work, [yardstick, ...main].filter(target => able.includes(target))]))
  const timings = await oneAtATime(compared, extent, failures)
  if (whole) await stand.tidy()
  const steady = await collect(whole ? gateways : [], async target => await failures.orNull(`a steady rate, ${target.name}`, async () => {
    const others = main.filter(other => other !== target).map(({ process }) => process)
    return await whilePaused(others, async () => await steadiness(jsonWork, target, stand, extent.steadySeconds))
  }))
  const { ratesMs } = extent
  const rates = whole && ratesMs !== null
    ? await failures.orNull('rates', async () => await ratesWithinBounds(jsonWork, compared.get(jsonWork) ?? [], ratesMs))
    : null
  const lateness = await collect(whole ? gateways : [], async ({ gateway }) => (await gateway?.probe('report'))?.lateSoFar ?? null)
  return { failures: failures.all, contestants, readings, comparison, timings, health, lateness, steady, footprints, rates: rates ?? new Map(), stolenShare: stolenShare() }
}

/** One after the other. What gives null is left out. */
async function collect<Key, Value> (keys: readonly Key[], valueOf: (key: Key) => Promise<Value | null>): Promise<Map<Key, Value>> {
  const found = new Map<Key, Value>()
  for (const key of keys) {
    const value = await valueOf(key)
    if (value !== null) found.set(key, value)
  }
  return found
}

/** Paced streams are left to the stamped one, and misses out: a caller sends the same bytes again and again. */
async function oneAtATime (takingPart: TakingPart, { alone }: Extent, failures: Failures): Promise<Timings> {
  say('one request at a time')
  const works = [...takingPart.keys()].filter(work => work === stampedWork || (work.unit === 'request' && work.expected.cache !== 'miss'))
  return await collect(works, async work => {
    const requests = work === stampedWork ? Math.ceil(alone / eventsPerStream) : alone
    return await inTurns(work, takingPart.get(work) ?? [], requests).catch((error: unknown) => failures.add(error))
  })
}
