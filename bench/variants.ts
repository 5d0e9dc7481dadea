import { abilities } from './ability.ts'
import type { Failures } from './failures.ts'
import { interleave } from './rounds.ts'
import type { Readings } from './rounds.ts'
import { healthProbe, withoutLedger } from './stand/gateway.ts'
import type { StoreName } from './stand/gateway.ts'
import type { Stand } from './stand/stand.ts'
import { gatewayTarget } from './stand/target.ts'
import type { Target } from './stand/target.ts'
import { warmUp } from './warm-up.ts'
import { jsonWork, works } from './works.ts'
import type { Work } from './works.ts'

export interface VariantsOptions {
  readonly stores: readonly StoreName[]
  /** Also one of two workers, where they have a store to share. */
  readonly workers: boolean
  readonly extent: {
    readonly rounds: number
    readonly readingMs: number
    readonly warmUpMs: number
  }
}

/** Gateways that differ from the others in one thing. */
interface Variants {
  /** Without admission and settlement. */
  readonly without: Target
  /** Two workers over Redis. */
  readonly pair: Target | null
}

/** What the gateways and their variants did under JSON. */
export interface Comparison extends Variants {
  readonly readings: Readings
}

const budgetMs = 40_000
/** V8 takes some 150,000 requests until it has compiled what one work alone warms up. */
const jsonTurns = 12

/**
 * Reads the gateways and their variants under JSON, in rounds of their own. The variants start when all other rounds are over, and stop after these, so
 * that they are in nobody's way; and they do not rest between their readings: V8 throws away code of a process that rests, and compiles it anew in the next one.
 */
export async function compare (stand: Stand, gateways: readonly Target[], options: VariantsOptions, failures: Failures): Promise<Comparison> {
  const { without, pair } = await startVariants(stand, options)
  const { rounds, readingMs, warmUpMs } = options.extent
  const targets = pair === null ? [without] : [without, pair]
  try {
    // Under all works, JSON last: their code has to be as general as that of the others.
    await warmUp(await abilities([...works].reverse(), targets, failures), { ms: warmUpMs, jsonTurns }, failures)
    const readings = await interleave(stand, new Map([[jsonWork, [...gateways, ...targets]]]), {
      rounds,
      budgetMs,
      ms: readingMs,
      onFailure: error => failures.add(error)
    })
    return { without, pair, readings }
  } finally {
    await Promise.all(targets.map(async ({ process }) => { await process.stop() }))
  }
}

async function startVariants (stand: Stand, { stores, workers }: VariantsOptions): Promise<Variants> {
  const [first = 'sqlite'] = stores
  const bare = await stand.start(first, { preloads: [healthProbe, withoutLedger] })
  const two = workers && stores.includes('redis') ? await stand.start('redis', { workers: 2 }) : null
  return {
    without: gatewayTarget(bare, 'without limits and metering', isAnswered),
    // Nobody asks two event loops how they do.
    pair: two === null ? null : { ...gatewayTarget(two, 'two workers', isAnswered), gateway: null }
  }
}

function isAnswered ({ expected }: Work): boolean {
  return expected.status === 200
}
