import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCore, measuredCore } from '../machine.ts'
import { requestsOfNginx } from '../measure/served.ts'
import { buildGateway } from './build.ts'
import { startGateway } from './gateway.ts'
import type { Difference, Gateway, StoreName } from './gateway.ts'
import { startJsonProvider, startStatic, startYardstick } from './nginx.ts'
import type { Answer, Behaviour } from './nginx.ts'
import { freePorts } from './ports.ts'
import { BenchProcess, stopAll } from './process.ts'
import type { Provided } from './provider.ts'
import { answers, startRedis } from './redis.ts'
import { staticTarget, yardstickTarget } from './target.ts'
import type { Target } from './target.ts'

/** Everything but the gateways: providers, the yardstick, Redis. */
export interface Stand {
  readonly folder: string
  readonly providers: ReadonlyMap<Behaviour, number>
  readonly yardstick: Target
  /** Compiles a version of the gateway, this one once; returns its command line. */
  compiled (source?: string): Promise<string>
  /** Another gateway in front of the same providers, with a folder of its own. */
  start (store: StoreName, difference?: Difference): Promise<Gateway>
  /** An nginx that has the answers of a gateway as fixed bytes. */
  startStatic (bytes: ReadonlyMap<Behaviour, Answer>): Promise<Target>
  /** Has the shared store do now what it would do in the midst of a measurement. */
  tidy (): Promise<void>
  /** What the providers were asked and sent so far. */
  provided (): Promise<ReadonlyMap<Behaviour, Provided>>
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
    log: join(folder, 'stream-provider.log'),
    asked: true
  })
  const yardstick = startYardstick(folder, measuredCore, yardstickPort, providers)
  const redis = stores.includes('redis') ? await startRedis(folder, loadCore) : null
  for (const [process_, port] of [[jsonProvider, jsonPort], [streamProvider, streamPorts[0] ?? 0], [yardstick, yardstickPort]] as const) {
    await process_.until(async () => await answers(port) ? true : null)
  }

  const jsonRequests = requestsOfNginx(jsonPort)
  const gateways: Gateway[] = []
  let folders = 0
  const versions = new Map<string, Promise<string>>()
  const compiled = (source = '.'): Promise<string> => {
    const version = versions.get(source) ?? buildGateway(source, join(folder, `version-${versions.size}`))
    versions.set(source, version)
    return version
  }
  return {
    folder,
    providers,
    compiled,
    yardstick: yardstickTarget(yardstick, yardstickPort),
    async start (store, difference = {}) {
      const own = join(folder, `gateway-${folders++}`)
      const address = store === 'redis' ? redis?.url ?? '' : `sqlite:${join(own, 'tollgate.db')}`
      const program = difference.program ?? await compiled()
      const gateway = await startGateway({ kind: store, folder: own, core: measuredCore, store: address, providers, ...difference, program })
      gateways.push(gateway)
      return gateway
    },
    async startStatic (bytes) {
      const [port = 0] = await freePorts(1)
      const nginx = startStatic(folder, measuredCore, port, bytes)
      await nginx.until(async () => await answers(port) ? true : null)
      return staticTarget(nginx, port)
    },
    tidy: async () => { await redis?.rewrite() },
    async provided () {
      const streams = await streamProvider.ask<Provided[]>('provided')
      const none = { requests: 0, events: 0 }
      return new Map([['json', { ...none, requests: await jsonRequests() }], ...streaming.map((behaviour, index) => [behaviour, streams[index] ?? none] as const)])
    },
    async close () {
      // Before the store and the providers that they drain into.
      await Promise.all(gateways.map(async ({ process }) => { await process.stop() }))
      await stopAll()
      await rm(folder, { recursive: true, force: true })
    }
  }
}
