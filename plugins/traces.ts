import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Context, Span } from '@opentelemetry/api'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { RequestFacts } from '../src/telemetry/request-facts.ts'
import { modelSpanEnd, modelSpanName, modelSpanStart, requestSpanEnd } from '../src/telemetry/span-attributes.ts'
import type { Tracing } from '../src/telemetry/tracing.ts'
import type { Outcome, Tap } from '../src/upstream/exchange.ts'

export interface TracesOptions {
  readonly tracing: Tracing
}

/** Two spans a request: the request itself, which continues the caller's trace, and in it the call of a model, which the upstream may continue. */
async function traces (app: FastifyInstance, { tracing }: TracesOptions): Promise<void> {
  const { tracer, propagator } = tracing
  const spans = new WeakMap<RequestFacts, Span>()

  app.addHook('onRequest', ({ facts, headers }, _reply, done) => {
    const caller = propagator.extract(ROOT_CONTEXT, headers, { get: (from, name) => from[name], keys: Object.keys })
    spans.set(facts, tracer.startSpan(`${facts.method} ${facts.route ?? ''}`.trim(), { kind: SpanKind.SERVER }, caller))
    done()
  })

  app.addHook('preHandler', ({ facts, taps }, _reply, done) => {
    const span = spans.get(facts)
    if (span !== undefined && facts.endpoint !== null) taps.push(new ModelCall(facts, trace.setSpan(ROOT_CONTEXT, span), tracing))
    done()
  })

  app.observers.push({
    ended (facts) {
      const span = spans.get(facts)
      if (span === undefined) return
      span.setAttributes(requestSpanEnd(facts))
      if (facts.statusClass === '5xx') span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    }
  })
}

/** The span of one model call, from the first upstream that is asked to the end of the answer. */
class ModelCall implements Tap {
  readonly #facts: RequestFacts
  readonly #request: Context
  readonly #tracing: Tracing
  #span: Span | null = null

  constructor (facts: RequestFacts, request: Context, tracing: Tracing) {
    this.#facts = facts
    this.#request = request
    this.#tracing = tracing
  }

  onStart (headers: string[]): void {
    const { tracer, propagator } = this.#tracing
    this.#span = tracer.startSpan(modelSpanName(this.#facts), { kind: SpanKind.CLIENT, attributes: modelSpanStart(this.#facts) }, this.#request)
    propagator.inject(trace.setSpan(this.#request, this.#span), headers, { set: setHeader })
  }

  onEnd (outcome: Outcome): void {
    if (this.#span === null) return
    this.#span.setAttributes(modelSpanEnd(outcome))
    if (outcome.result === 'failed') this.#span.setStatus({ code: SpanStatusCode.ERROR })
    this.#span.end()
  }
}

/** In a flat list of names and values. The caller's own context may stand there already. */
function setHeader (headers: string[], name: string, value: string): void {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] === name) {
      headers[index + 1] = value
      return
    }
  }
  headers.push(name, value)
}

export default fp(traces, { name: 'traces', fastify: '5.x', dependencies: ['facts'], decorators: { fastify: ['observers'], request: ['facts'] } })
