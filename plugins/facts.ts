import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { RequestFacts } from '../src/telemetry/request-facts.ts'

/** Reports requests: metrics, log, traces, live view. */
export interface RequestObserver {
  began? (facts: RequestFacts): void
  /** Comes once, when nothing more will become known. */
  ended (facts: RequestFacts): void
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Links add themselves. */
    observers: RequestObserver[]
  }

  interface FastifyRequest {
    /** What is known of the request; the only source of those who report it. Other links add what they know. */
    facts: RequestFacts
  }
}

/** Gathers the facts of each request once, from its first byte to its last, and hands them to the observers. */
async function facts (app: FastifyInstance): Promise<void> {
  const observers: RequestObserver[] = []
  app.decorate('observers', observers)
  app.decorateRequest('facts')

  app.addHook('onRequest', (request, reply, done) => {
    const facts = new RequestFacts(request.id, request.method, request.routeOptions.url ?? null)
    request.facts = facts
    for (const observer of observers) observer.began?.(facts)
    const { raw } = reply
    // Fastify's onResponse does not come for a client that leaves. `on`, because it comes once anyway: `once` wraps a listener, and takes it out again.
    raw.on('close', () => {
      facts.close(raw.statusCode, raw.writableFinished, request.failure, () => {
        for (const observer of observers) observer.ended(facts)
      })
    })
    done()
  })

  app.addHook('preParsing', (request, _reply, _payload, done) => {
    request.facts.awaitBody()
    done()
  })

  app.addHook('preValidation', (request, _reply, done) => {
    const { facts, caller } = request
    facts.bodyRead()
    if (caller !== null) facts.calledBy(caller.project.id, caller.key.id)
    done()
  })

  app.addHook('preHandler', (request, _reply, done) => {
    const { facts, call } = request
    if (call !== null) facts.asksFor(call)
    request.taps.push(facts)
    done()
  })

  // What the relay writes passes by this hook: there `upstream` asks for the headers.
  app.addHook('onSend', (request, reply, _payload, done) => {
    void reply.headers(request.facts.head())
    done()
  })
}

export default fp(facts, { name: 'facts', fastify: '5.x', dependencies: ['errors'] })
