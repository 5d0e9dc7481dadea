import type { Dispatcher } from 'undici'
import { Breaker } from './breaker.ts'
import type { BreakerOptions } from './breaker.ts'
import { Connection } from './connection.ts'
import { KeyRing } from './key-ring.ts'
import type { UpstreamKey } from './key-ring.ts'
import { RetryBudget } from './retry-budget.ts'
import { Traffic } from './traffic.ts'
import { Pool } from './undici.ts'

/** Deadlines of one upstream, in ms. */
export interface UpstreamTimeouts {
  /** TCP and TLS handshake. */
  readonly connect: number
  /** From the request's last byte to the answer's headers. */
  readonly firstByte: number
  /** Between two pieces of the answer. */
  readonly idle: number
}

export interface UpstreamSettings {
  readonly name: string
  /** With the version segment: `https://api.aimlapi.com/v1`. */
  readonly baseUrl: string
  readonly keys: readonly UpstreamKey[]
  /** Fixed request headers, lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly timeouts: UpstreamTimeouts
  readonly breaker: BreakerOptions
  /** Retries as a share of the requests in flight. */
  readonly retryBudget: number
}

/** How long an idle connection is kept when the upstream names no limit; its own hint wins. Below the 60 s of common load balancers. */
const keepAliveMs = 30_000
/** Characters. What is shorter protects nothing, and stands in any text by chance. */
const leastKeyLength = 8
/** Largest answer header block; Node's default. */
const maxHeaderBytes = 16_384

/** One provider: its connections, its keys, its health. The only door to it. */
export class Upstream {
  readonly name: string
  readonly settings: UpstreamSettings
  readonly origin: string
  /** Path of the base URL without a trailing slash: `/v1`. */
  readonly basePath: string
  /** `settings.headers`, flat: name, value, name, value. */
  readonly headers: readonly string[]
  readonly keys: KeyRing
  readonly breaker: Breaker
  readonly budget: RetryBudget
  readonly traffic = new Traffic()
  readonly pool: Dispatcher

  constructor (settings: UpstreamSettings) {
    const url = new URL(settings.baseUrl)
    this.name = settings.name
    this.settings = settings
    this.origin = url.origin
    this.basePath = url.pathname.replace(/\/+$/, '')
    this.headers = Object.entries(settings.headers).flat()
    this.keys = new KeyRing(settings.keys)
    this.breaker = new Breaker(settings.breaker)
    this.budget = new RetryBudget(settings.retryBudget)
    this.pool = new Pool(url.origin, {
      factory: (origin: URL, options: object) => new Connection(origin, options),
      connectTimeout: settings.timeouts.connect,
      headersTimeout: settings.timeouts.firstByte,
      bodyTimeout: settings.timeouts.idle,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: maxHeaderBytes,
      allowH2: false
    })
  }

  /**
   * An upstream may repeat the key that it was sent, in whatever form it has, and what it says is shown to callers. The very same
   * Buffer where it does not.
   */
  withoutKeys (said: Buffer): Buffer {
    const keys = this.settings.keys.filter(({ value }) => value.length >= leastKeyLength && said.includes(value))
    if (keys.length === 0) return said
    return Buffer.from(keys.reduce((text, { value }) => text.replaceAll(value, '[key]'), said.toString()))
  }

  /** Waits for running requests, at most `ms`; then cuts them. */
  async close (ms: number): Promise<void> {
    const timer = setTimeout(() => { void this.pool.destroy() }, ms)
    try {
      await this.pool.close()
    } finally {
      clearTimeout(timer)
    }
  }
}
