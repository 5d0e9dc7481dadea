import { Redis } from 'ioredis'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestKey, mintKey } from '../../src/keys/key.ts'
import { startProcess } from '../helpers/process.ts'
import { startRedis } from '../helpers/redis.ts'
import type { TestRedis } from '../helpers/redis.ts'
import type { Caller } from './load.ts'
import { Proxy } from '../helpers/proxy.ts'
import { Replica } from './replica.ts'
import type { Teardown } from './teardown.ts'

export interface StandOptions {
  /** What the project `tight` may spend, nano-USD. */
  readonly budget: number
  /** Redis keeps nothing: it comes back empty. */
  readonly forgetful?: boolean
}

/** The deadline of a whole request (`timeouts.total`), ms. */
export const deadlineMs = 10_000
/** Price of every token, nano-USD. */
const tokenPrice = 1_000
/** Between two words of the upstream: so that answers take a quarter of a second, and plenty are under way when something dies. */
const wordDelay = 60
/** As `startGatewayProcess` sets it. */
const pepper = 'a pepper for tests only'

/** Three gateways over one Redis, with a proxy before it, and the demo upstream that knows what really happened. */
export class Stand {
  readonly proxy: Proxy
  readonly replicas: readonly Replica[]
  readonly callers: readonly Caller[]
  readonly budget: number
  /** The Redis that is in use. */
  redis: TestRedis
  readonly #t: Teardown
  readonly #upstreamUrl: string

  private constructor (t: Teardown, budget: number, redis: TestRedis, proxy: Proxy, upstreamUrl: string, folder: string) {
    this.#t = t
    this.budget = budget
    this.redis = redis
    this.proxy = proxy
    this.#upstreamUrl = upstreamUrl
    const keys = { free: mintKey(), tight: mintKey() }
    this.callers = Object.entries(keys).map(([name, { token }]) => ({ projectId: `proj_${name}`, key: token }))
    const yaml = configuration({ store: `redis://127.0.0.1:${proxy.port}`, upstreamUrl, budget, keys })
    this.replicas = [1, 2, 3].map(number => new Replica(t, yaml, join(folder, `replica-${number}`)))
  }

  static async start (t: Teardown, { budget, forgetful = false }: StandOptions): Promise<Stand> {
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-chaos-'))
    t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
    const redis = await startRedis(t, ...forgetful ? [] : redisOptions())
    const proxy = await Proxy.start(redis.port)
    t.teardown(() => proxy.close())
    const upstream = startProcess(t, process.execPath, ['--disable-warning=ExperimentalWarning', 'src/upstream/demo/main.ts', '--word-delay', String(wordDelay)], {})
    const [, upstreamUrl = ''] = await upstream.says(/"url":"([^"]+)"/)
    const stand = new Stand(t, budget, redis, proxy, upstreamUrl, folder)
    await Promise.all(stand.replicas.map(replica => replica.start()))
    return stand
  }

  get urls (): readonly string[] {
    return this.replicas.flatMap(({ url }) => url ?? [])
  }

  /** The upstream's record: one JSON line a request. */
  async upstreamRecord (): Promise<string> {
    const response = await fetch(new URL('/demo/requests', this.#upstreamUrl))
    if (response.headers.get('x-demo-forgotten') !== '0') throw new Error('the upstream has forgotten requests')
    return await response.text()
  }

  /** Starts a Redis that replicates the one in use, over a proxy of its own. */
  async startStandby (): Promise<{ readonly standby: TestRedis, readonly link: Proxy }> {
    const link = await Proxy.start(this.redis.port)
    this.#t.teardown(() => link.close())
    const standby = await startRedis(this.#t, ...redisOptions())
    await this.ask(standby, client => client.replicaof('127.0.0.1', link.port))
    return { standby, link }
  }

  /** Does something with a connection to a Redis, past the proxy. */
  async ask<Result> (redis: TestRedis, question: (client: Redis) => Promise<Result>): Promise<Result> {
    const client = new Redis(redis.port)
    client.on('error', () => {})
    try {
      return await question(client)
    } finally {
      client.disconnect()
    }
  }
}

/** Redis as we tell others to run it. */
function redisOptions (): string[] {
  const lines = readFileSync('deploy/redis.conf', 'utf8').split('\n').filter(line => /^\w/.test(line))
  // Else a standby would be given its first copy only after 5 s.
  return [...lines, 'repl-diskless-sync-delay 0'].flatMap(line => {
    const [name, ...values] = line.split(' ')
    return [`--${name}`, ...values]
  })
}

interface ConfigurationOptions {
  readonly store: string
  readonly upstreamUrl: string
  readonly budget: number
  readonly keys: Readonly<Record<'free' | 'tight', ReturnType<typeof mintKey>>>
}

function configuration ({ store, upstreamUrl, budget, keys }: ConfigurationOptions): string {
  const application = ({ id, token }: ReturnType<typeof mintKey>) => ({ app: { keys: [{ id, hash: digestKey(token, pepper).toString('hex') }] } })
  const limits = { '*': { requests_per_minute: 1_000_000, concurrency: 10_000 } }
  return JSON.stringify({
    store,
    upstreams: { demo: { base_url: upstreamUrl } },
    timeouts: { total: `${deadlineMs}ms` },
    drain: { delay: '1s', deadline: '10s' },
    prices: [{ model: 'chaos', effective_from: '2020-01-01', input: tokenPrice / 1_000, output: tokenPrice / 1_000 }],
    projects: {
      free: { limits, applications: application(keys.free) },
      tight: { limits, spend_usd_per_month: budget / 1e9, applications: application(keys.tight) }
    }
  })
}
