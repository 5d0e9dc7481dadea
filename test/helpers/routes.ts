import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'

export interface Route {
  readonly method: string
  readonly url: string
}

/** A listener as Fastify knows it. */
export interface BuiltListener {
  readonly routes: readonly Route[]
  /** The routes that requests have reached so far, as `METHOD url`. */
  readonly reached: ReadonlySet<string>
}

/** The listeners that are built while `start` runs, in the order of building. Fastify itself tells their routes: no list can forget one. */
export async function listenersOf<Result> (start: () => Promise<Result>): Promise<{ result: Result, listeners: readonly BuiltListener[] }> {
  const listeners: BuiltListener[] = []
  const onBuilt = (message: unknown): void => { listeners.push(watched((message as { fastify: FastifyInstance }).fastify)) }
  subscribe('fastify.initialization', onBuilt)
  const result = await start()
  unsubscribe('fastify.initialization', onBuilt)
  return { result, listeners }
}

function watched (app: FastifyInstance): BuiltListener {
  const routes: Route[] = []
  const reached = new Set<string>()
  app.addHook('onRoute', ({ method, url }) => {
    for (const name of [method].flat()) routes.push({ method: name, url })
  })
  app.addHook('onRequest', (request, _reply, done) => {
    reached.add(`${request.method} ${request.routeOptions.url ?? ''}`)
    done()
  })
  return { routes, reached }
}
