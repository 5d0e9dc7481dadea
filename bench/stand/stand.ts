import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCore, measuredCore } from '../machine.ts'
import { startGateway } from './gateway.ts'
import type { Gateway, GatewayOptions, StoreName } from './gateway.ts'
import { startJsonProvider, startYardstick } from './nginx.ts'
import type { Behaviour } from './nginx.ts'
import { freePorts } from './ports.ts'
import { BenchProcess } from './process.ts'
import { answers, startRedis } from './redis.ts'
import { yardstickTarget } from './target.ts'
import type { Target } from './target.ts'

/** Everything but the gateways: providers, the yardstick, Redis. */
export interface Stand {
  readonly folder: string
  readonly providers: ReadonlyMap<Behaviour, number>
  readonly yardstick: Target
  /** Another gateway in front of the same providers, with a folder of its own. */
  start (store: StoreName, options?: Partial<GatewayOptions>): Promise<Gateway>
  close (): Promise<void>
}

const streaming: readonly Behaviour[] = ['burst', 'paced', 'stamped', 'waiting']

export async function buildStand (stores: readonly StoreName[]): Promise<Stand> {
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-bench-'))
  const [jsonPort = 0, yardstickPort = 0, ...streamPorts] = await freePorts(2 + streaming.length)
  const providers = new Map<Behaviour, number>([['json', jsonPort]])
  streaming.forEach((behaviour, index) => providers.set(behaviour, streamPorts[index] ?? 0))

  const jsonProvider = startJsonProvider(folder, loadCore, jsonPort)
  const streamProvider = new BenchProcess({
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', 'bench/stand/provider.ts', ...streamPorts.map(String)],
    core: loadCore,
    log: join(folder, 'stream-provider.log')
  })
  const yardstick = startYardstick(folder, measuredCore, yardstickPort, providers)
  const redis = stores.includes('redis') ? await startRedis(folder, loadCore) : null
  for (const [process_, port] of [[jsonProvider, jsonPort], [streamProvider, streamPorts[0] ?? 0], [yardstick, yardstickPort]] as const) {
    await process_.until(async () => await answers(port) ? true : null)
  }

  const gateways: Gateway[] = []
  return {
    folder,
    providers,
    yardstick: yardstickTarget(yardstick, yardstickPort),
    async start (store, options = {}) {
      const own = join(folder, `gateway-${gateways.length}`)
      const address = store === 'redis' ? redis?.url ?? '' : `sqlite:${join(own, 'tollgate.db')}`
      const gateway = await startGateway({ folder: own, core: measuredCore, store: address, providers, ...options })
      gateways.push(gateway)
      return gateway
    },
    async close () {
      await Promise.all([...gateways.map(gateway => gateway.process), yardstick].map(async process_ => { await process_.stop() }))
      await Promise.all([jsonProvider, streamProvider, redis?.process].map(async process_ => { await process_?.stop() }))
      await rm(folder, { recursive: true, force: true })
    }
  }
}
