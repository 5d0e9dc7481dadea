import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/openai/errors.ts'

export interface DoorOptions {
  /** Refused requests (401) that one address may send in a window. */
  readonly max: number
  /** ms */
  readonly window: number
}

/** Addresses remembered at most. Beyond it the longest unseen is forgotten. */
const maxAddresses = 10_000
/** Prefix length that counts as one client in IPv6: what one customer is given. */
const ipv6Subnet = 64

/**
 * Stops floods of requests without a valid key, per client address, before any key is looked up. Only refusals count, so that
 * many tenants behind one address never stand in each other's way; an address above the limit waits for its window to end.
 */
async function door (app: FastifyInstance, { max, window }: DoorOptions): Promise<void> {
  await app.register(rateLimit, { global: false, max, timeWindow: window, cache: maxAddresses, ipv6Subnet, skipOnError: true })
  const refusals = app.createRateLimit()
  /** No address is above the limit after this (monotonic ms): the common case costs one comparison. */
  let someoneClosedUntil = 0

  app.addHook('onRequest', (request, _reply, done) => {
    if (performance.now() >= someoneClosedUntil) {
      done()
      return
    }
    refusals(request, { increment: false }).then(limit => {
      done(!limit.isAllowed && limit.isExceeded ? tooManyRefusals(limit.ttl) : undefined)
    }, done)
  })

  app.addHook('onResponse', async (request, reply) => {
    if (reply.raw.statusCode !== 401) return
    const limit = await refusals(request)
    if (!limit.isAllowed && limit.isExceeded) someoneClosedUntil = Math.max(someoneClosedUntil, performance.now() + limit.ttl)
  })
}

function tooManyRefusals (waitMs: number): GatewayError {
  return new GatewayError('rate_limit_exceeded', {
    message: 'Too many requests without a valid key came from this address.',
    headers: { 'retry-after': String(Math.ceil(waitMs / 1000)), 'retry-after-ms': String(Math.ceil(waitMs)) }
  })
}

export default fp(door, { name: 'door', fastify: '5.x', dependencies: ['errors'] })
