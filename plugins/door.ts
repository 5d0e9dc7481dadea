import rateLimit from '@fastify/rate-limit'
import type { FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/openai/errors.ts'
import { RefusalCounts } from '../src/stores/refusal-counts.ts'
import type { SharedCounts } from '../src/stores/shared-counts.ts'

export interface DoorOptions {
  /** Which door it is: each listener has its own. */
  readonly name: string
  /** Refused requests (401) that one address may send in a window. */
  readonly max: number
  /** ms */
  readonly window: number
  /** Where replicas add up what they counted; null for a process alone. */
  readonly shared: SharedCounts | null
}

export interface Door {
  /** Lets a stranger go `onward`, or is `done` with the reason why not: too many refusals of its address. Who is known need not ask. */
  pass (request: FastifyRequest, done: (refusal: Error) => void, onward: () => void): void
  /** Counts a request whose key was refused. */
  noteRefusal (request: FastifyRequest): void
}

declare module 'fastify' {
  interface FastifyInstance {
    door: Door
  }
}

/** Prefix length that counts as one client in IPv6: what one customer is given. */
const ipv6Subnet = 64

/**
 * Stops floods of requests without a valid key, per client address, before any key is looked up. Only refusals count, and keys that
 * have been good before do not come by here: one tenant never stands in another's way behind one address. No request waits for
 * the shared store: what other replicas counted of an address is learned after its next refusal here.
 */
async function door (app: FastifyInstance, { name, max, window, shared }: DoorOptions): Promise<void> {
  /** No address is above the limit after this (monotonic ms): the common case costs one comparison. */
  let someoneClosedUntil = 0
  const noteClosed = (ttl: number): void => { someoneClosedUntil = Math.max(someoneClosedUntil, performance.now() + ttl) }
  const counts = new RefusalCounts({ window, group: name, shared, onCount: ({ current, ttl }) => { if (current > max) noteClosed(ttl) } })
  app.addHook('onClose', () => { counts.close() })
  await app.register(rateLimit, { global: false, max, timeWindow: window, ipv6Subnet, store: storeOf(counts) })
  const refusals = app.createRateLimit()

  app.decorate('door', {
    pass (request, done, onward) {
      if (performance.now() >= someoneClosedUntil) {
        onward()
        return
      }
      refusals(request, { increment: false }).then(limit => {
        if (isClosed(limit)) done(tooManyRefusals(limit.ttl))
        else onward()
      }, done)
    },

    noteRefusal (request) {
      refusals(request).then(limit => {
        if (isClosed(limit)) noteClosed(limit.ttl)
      }, (error: unknown) => { request.log.error({ err: error }, 'a refusal could not be counted') })
    }
  } satisfies Door)
}

/** The plugin makes its store itself. */
function storeOf (counts: RefusalCounts): FastifyRateLimitStoreCtor {
  return class {
    readonly incr = counts.incr.bind(counts)
    readonly read = counts.read.bind(counts)
    child (): this {
      return this
    }
  }
}

type Limit = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>

function isClosed (limit: Limit): limit is Extract<Limit, { isAllowed: false }> {
  return !limit.isAllowed && limit.isExceeded
}

function tooManyRefusals (waitMs: number): GatewayError {
  return new GatewayError('rate_limit_exceeded', {
    message: 'Too many requests without a valid key came from this address.',
    headers: { 'retry-after': String(Math.ceil(waitMs / 1000)), 'retry-after-ms': String(Math.ceil(waitMs)) }
  })
}

export default fp(door, { name: 'door', fastify: '5.x', dependencies: ['errors'] })
