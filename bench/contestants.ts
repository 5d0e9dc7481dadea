import { send } from './ability.ts'
import type { Failures } from './failures.ts'
import { measuredCore } from './machine.ts'
import { healthProbe } from './stand/gateway.ts'
import type { StoreName } from './stand/gateway.ts'
import { startPeer } from './stand/peer.ts'
import type { Stand } from './stand/stand.ts'
import { gatewayTarget, requestOf } from './stand/target.ts'
import type { Target } from './stand/target.ts'
import { jsonHit, streamHit } from './works.ts'

export interface ContestantsOptions {
  readonly stores: readonly StoreName[]
  /** The folder of another version, to be measured beside this one. */
  readonly against: string | null
  /** Also another gateway, from npm. */
  readonly peers: boolean
}

/** All that is measured in the same rounds. */
export interface Contestants {
  /** nginx, passing everything on. */
  readonly yardstick: Target
  /** The gateways, and peers: the lines of the main table. */
  readonly main: readonly Target[]
  /** nginx with the bytes of hits. */
  readonly fixed: Target
  /** Empties the logs: a run writes hundreds of megabytes. */
  forgetLogs (): void
}

export async function startContestants (stand: Stand, { stores, against, peers }: ContestantsOptions, failures: Failures): Promise<Contestants> {
  const versions = [{ suffix: '', difference: {} }, ...against === null ? [] : [{ suffix: ', before', difference: { program: await stand.compiled(against) } }]]
  const gateways = await Promise.all(stores.flatMap(store => versions.map(async ({ difference }) => await stand.start(store, { ...difference, preloads: [healthProbe] }))))
  const main = gateways.map((gateway, index) => gatewayTarget(gateway, gateway.store + (versions[index % versions.length]?.suffix ?? '')))
  const peer = peers ? await failures.orNull('a peer from npm', async () => await startPeer(stand, measuredCore)) : null
  return {
    yardstick: stand.yardstick,
    main: peer === null ? main : [...main, peer],
    fixed: await startFixed(stand, main[0] as Target),
    forgetLogs: () => { for (const gateway of gateways) gateway.forgetLog() }
  }
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
