import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/openai/errors.ts'

export interface DoorOptions {
  /** Refused requests (401) that one address may send in a window. */
  readonly max: number
  /** ms */
  readonly window: number
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

/** Addresses remembered at most. Beyond it the longest unseen is forgotten. */
const maxAddresses = 10_000
/** Prefix length that counts as one client in IPv6: what one customer is given. */
const ipv6Subnet = 64

/**
 * Stops floods of requests without a valid key, per client address, before any key is looked up. Only refusals count, and keys that
 * have been good before do not come by here: one tenant never stands in another's way behind one address.
 */
async function door (app: FastifyInstance, { max, window }: DoorOptions): Promise<void> {
  await app.register(rateLimit, { global: false, max, timeWindow: window, cache: maxAddresses, ipv6Subnet })
  const refusals = app.createRateLimit()
  /** No address is above the limit after this (monotonic ms): the common case costs one comparison. */
  let someoneClosedUntil = 0

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
        if (isClosed(limit)) someoneClosedUntil = Math.max(someoneClosedUntil, performance.now() + limit.ttl)
      }, (error: unknown) => { request.log.error({ err: error }, 'a refusal could not be counted') })
    }
  } satisfies Door)
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
