import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/openai/errors.ts'

interface RouteEntry {
  readonly method: string
  readonly url: string
  readonly segments: readonly string[]
}

/** Refuses what no route takes before its body is read: nobody needs a key to ask for a path that is not there. */
async function unknownRoutes (app: FastifyInstance): Promise<void> {
  const routes: RouteEntry[] = []
  app.addHook('onRoute', ({ method, url }) => {
    for (const name of [method].flat()) routes.push({ method: name, url, segments: url.split('/') })
  })
  app.addHook('onRequest', (request, _reply, done) => {
    done(request.is404 ? unknownRoute(request, routes) : undefined)
  })
}

/** 405 with `allow` where only the method is wrong, else a 404 that names what exists. */
function unknownRoute (request: FastifyRequest, routes: readonly RouteEntry[]): GatewayError {
  const path = request.url.split('?', 1)[0] ?? ''
  const allowed = routes.filter(route => matches(route.segments, path.split('/'))).map(route => route.method)
  if (allowed.length > 0) {
    return new GatewayError('method_not_allowed', {
      message: `${path.slice(0, 200)} takes ${allowed.join(', ')}, not ${request.method}.`,
      headers: { allow: allowed.join(', ') }
    })
  }
  const known = routes.map(route => `${route.method} ${route.url}`).join(', ')
  return new GatewayError('unknown_url', { message: `There is no ${request.method} ${path.slice(0, 200)}. There is: ${known}.` })
}

function matches (pattern: readonly string[], path: readonly string[]): boolean {
  if (pattern.at(-1) === '*') return path.length >= pattern.length && matches(pattern.slice(0, -1), path.slice(0, pattern.length - 1))
  return pattern.length === path.length && pattern.every((segment, index) => segment.startsWith(':') || segment === path[index])
}

export default fp(unknownRoutes, { name: 'unknown-routes', fastify: '5.x', dependencies: ['errors'] })
