import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/openai/errors.ts'
import { clientHeaders, upstreamHeaders } from '../src/openai/headers.ts'
import { upstreamBody } from '../src/openai/splice.ts'
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
    gateway.answer(clientOf(reply), headers, body)
  })
}

function exchangeOf (gateway: UpstreamGateway, request: FastifyRequest, reply: FastifyReply, to: Forward): Exchange {
  const { call } = request
  return {
    request: {
      method: to.method,
      path: to.path,
      headers: upstreamHeaders(request.headers, bytesOf(request) !== null, request.caller?.project.id),
      targets: targetsOf(gateway, request),
      bodyFor: model => request.call === null ? bytesOf(request) : upstreamBody(request.call, model ?? request.call.model),
      forgetBody: () => { forgetBody(request) }
    },
    endpoint: call?.endpoint ?? null,
    stream: call?.stream ?? false,
    includeUsage: call?.includeUsage ?? false,
    choices: call?.choices ?? 1,
    taps: request.taps,
    client: clientOf(reply)
  }
}

function bytesOf ({ body }: FastifyRequest): Buffer | null {
  return body instanceof Buffer && body.length > 0 ? body : null
}

/** Requests live as long as their answers. */
function forgetBody (request: FastifyRequest): void {
  request.body = undefined
  request.call = null
  request.fields = null
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

function clientOf (reply: FastifyReply): ExchangeClient {
  return {
    raw: reply.raw,
    takeOver: upstreamHeaders => {
      reply.hijack()
      const headers = clientHeaders(upstreamHeaders)
      pushAll(headers, reply.getHeaders() as Record<string, string>)
      pushAll(headers, reply.request.facts.head())
      return headers
    },
    fail: error => { void reply.send(error) }
  }
}

function pushAll (flat: string[], headers: Readonly<Record<string, string>>): void {
  for (const name in headers) flat.push(name, headers[name] as string)
}

export default fp(upstream, { name: 'upstream', fastify: '5.x', dependencies: ['errors', 'facts', 'auth', 'body'], decorators: { request: ['call', 'facts'] } })
