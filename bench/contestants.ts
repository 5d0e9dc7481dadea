import { send } from './ability.ts'
import type { Failures } from './failures.ts'
import { measuredCore } from './machine.ts'
import { healthProbe, withoutLedger } from './stand/gateway.ts'
import type { StoreName } from './stand/gateway.ts'
import { startPeer } from './stand/peer.ts'
import type { Stand } from './stand/stand.ts'
import { gatewayTarget, requestOf } from './stand/target.ts'
import type { Target } from './stand/target.ts'
import { jsonHit, streamHit } from './works.ts'
import type { Work } from './works.ts'

export interface ContestantsOptions {
  readonly stores: readonly StoreName[]
  /** The folder of another version, to be measured beside this one. */
  readonly against: string | null
  /** Also another gateway, from npm. */
  readonly peers: boolean
  /** Also one of two workers, where they have a store to share. */
  readonly workers: boolean
}

/** All that is measured in the same rounds. */
export interface Contestants {
  /** nginx, passing everything on. */
  readonly yardstick: Target
  /** The gateways, and peers: the lines of the main table. */
  readonly main: readonly Target[]
  /** nginx with the bytes of hits. */
  readonly fixed: Target
  /** A gateway without admission and settlement: to be read under JSON only, but warmed up like all others. */
  readonly without: Target
  /** Two workers over Redis, under JSON like the one before. */
  readonly pair: Target | null
  /** Empties the logs: a run writes hundreds of megabytes. */
  forgetLogs (): void
}

export async function startContestants (stand: Stand, { stores, against, peers, workers }: ContestantsOptions, failures: Failures): Promise<Contestants> {
  const [first = 'sqlite'] = stores
  const versions = [{ suffix: '', difference: {} }, ...against === null ? [] : [{ suffix: ', before', difference: { program: await stand.compiled(against) } }]]
  const [bare, ...gateways] = await Promise.all([
    stand.start(first, { preloads: [healthProbe, withoutLedger] }),
    ...stores.flatMap(store => versions.map(async ({ difference }) => await stand.start(store, { ...difference, preloads: [healthProbe] })))
  ])
  const two = workers && stores.includes('redis') ? await stand.start('redis', { workers: 2 }) : null
  const main = gateways.map((gateway, index) => gatewayTarget(gateway, gateway.store + (versions[index % versions.length]?.suffix ?? '')))
  const peer = peers ? await failures.orNull('a peer from npm', async () => await startPeer(stand, measuredCore)) : null
  return {
    yardstick: stand.yardstick,
    main: peer === null ? main : [...main, peer],
    fixed: await startFixed(stand, main[0] as Target),
    without: gatewayTarget(bare, 'without limits and metering', isAnswered),
    // Nobody asks two event loops how they do.
    pair: two === null ? null : { ...gatewayTarget(two, 'two workers', isAnswered), gateway: null },
    forgetLogs: () => { for (const gateway of [bare, ...gateways, ...two === null ? [] : [two]]) gateway.forgetLog() }
  }
}

function isAnswered ({ expected }: Work): boolean {
  return expected.status === 200
}

/** Its bytes are those of the gateway's own hits. */
async function startFixed (stand: Stand, gateway: Target): Promise<Target> {
  const answers = await Promise.all([jsonHit, streamHit].map(async work => {
    await (await send(gateway, requestOf(gateway, work))).arrayBuffer()
    const hit = await send(gateway, requestOf(gateway, work))
    return [work.behaviour, { type: hit.headers.get('content-type')?.split(';')[0] ?? '', body: await hit.text() }] as const
  }))
  return await stand.startStatic(new Map(answers))
}
