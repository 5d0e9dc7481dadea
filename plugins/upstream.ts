import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { GatewayError } from '../src/openai/errors.ts'
import { clientHeaders, upstreamHeaders } from '../src/openai/headers.ts'
import { upstreamBody } from '../src/openai/splice.ts'
import type { DeliveryRequest } from '../src/upstream/delivery.ts'
import type { Exchange, ExchangeClient, Tap } from '../src/upstream/exchange.ts'
import type { UpstreamGateway } from '../src/upstream/gateway.ts'
import type { ModelRouter, Target } from '../src/upstream/routing.ts'

export interface UpstreamOptions {
  readonly gateway: UpstreamGateway
}

/** A forwarded route: where below the upstream's base URL it goes. */
export interface Forward {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With the caller's query string. */
  readonly path: string
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Brings the request to an upstream and the answer to the client. The reply is sent when it comes. */
    forward (request: FastifyRequest, reply: FastifyReply, to: Forward): void
    /** Sends an answer that is known already, with status 200. Its headers are flat: name, value, name, value. */
    answer (reply: FastifyReply, headers: readonly string[], body: Buffer): void
  }

  interface FastifyRequest {
    /** Links of the chain that want to see the answer go by. */
    taps: Tap[]
    /** The one in effect when the request came: a changed configuration reaches later requests only. */
    router: ModelRouter
  }
}

async function upstream (app: FastifyInstance, { gateway }: UpstreamOptions): Promise<void> {
  app.decorateRequest('taps')
  app.decorateRequest('router')
  app.addHook('onRequest', (request, _reply, done) => {
    request.taps = []
    request.router = gateway.router
    done()
  })
  app.decorate('forward', (request: FastifyRequest, reply: FastifyReply, to: Forward) => {
    gateway.relay(exchangeOf(gateway, request, reply, to))
  })
  app.decorate('answer', (reply: FastifyReply, headers: readonly string[], body: Buffer) => {
    gateway.answer(new Client(reply), headers, body)
  })
}

function exchangeOf (gateway: UpstreamGateway, request: FastifyRequest, reply: FastifyReply, to: Forward): Exchange {
  const { call } = request
  return {
    request: new Forwarded(request, to, targetsOf(gateway, request)),
    endpoint: call?.endpoint ?? null,
    stream: call?.stream ?? false,
    includeUsage: call?.includeUsage ?? false,
    choices: call?.choices ?? 1,
    taps: request.taps,
    client: new Client(reply)
  }
}

/** What goes upstream of a request. */
class Forwarded implements DeliveryRequest {
  readonly method: Forward['method']
  readonly path: string
  readonly headers: string[]
  readonly targets: readonly Target[]
  readonly #request: FastifyRequest

  constructor (request: FastifyRequest, { method, path }: Forward, targets: readonly Target[]) {
    this.method = method
    this.path = path
    this.headers = upstreamHeaders(request.headers, bytesOf(request) !== null, request.caller?.project.id)
    this.targets = targets
    this.#request = request
  }

  bodyFor (model: string | null): Buffer | null {
    const { call } = this.#request
    return call === null ? bytesOf(this.#request) : upstreamBody(call, model ?? call.model)
  }

  /** Requests live as long as their answers. */
  forgetBody (): void {
    this.#request.body = undefined
    this.#request.call = null
    this.#request.fields = null
  }
}

function bytesOf ({ body }: FastifyRequest): Buffer | null {
  return body instanceof Buffer && body.length > 0 ? body : null
}

/** What refers to something stored goes to the upstream that holds it, the rest to where the model's requests go. */
function targetsOf ({ upstreams }: UpstreamGateway, { call, madeBy, router }: FastifyRequest): readonly Target[] {
  const targets = call === null ? [router.defaultTarget] : router.targets(call.model)
  if (madeBy === null) return targets
  const there = targets.filter(({ upstream }) => upstream.name === madeBy)
  if (there.length > 0) return there
  const holder = upstreams.find(({ name }) => name === madeBy)
  if (holder === undefined) throw new GatewayError('not_found', { message: 'What this request refers to is no longer stored.' })
  return [{ upstream: holder, model: null }]
}

class Client implements ExchangeClient {
  readonly raw: ServerResponse
  readonly #reply: FastifyReply

  constructor (reply: FastifyReply) {
    this.raw = reply.raw
    this.#reply = reply
  }

  takeOver (upstreamHeaders: IncomingHttpHeaders): string[] {
    this.#reply.hijack()
    const headers = clientHeaders(upstreamHeaders)
    pushAll(headers, this.#reply.getHeaders() as Record<string, string>)
    pushAll(headers, this.#reply.request.facts.head())
    return headers
  }

  fail (error: GatewayError): void {
    void this.#reply.send(error)
  }
}

function pushAll (flat: string[], headers: Readonly<Record<string, string>>): void {
  for (const name in headers) flat.push(name, headers[name] as string)
}

export default fp(upstream, { name: 'upstream', fastify: '5.x', dependencies: ['errors', 'facts', 'auth', 'body'], decorators: { request: ['call', 'facts'] } })
