import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Socket } from 'node:net'
import { GatewayError } from '../src/openai/errors.ts'
import type { ErrorCode } from '../src/openai/errors.ts'
import { rawErrorResponse } from '../src/openai/raw-error.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The failure this request was answered with, for the log and the metrics. */
    failure: GatewayError | null
  }
}

/** Fastify's own failures, by code and else by status. */
const byFastifyCode: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad_request',
  FST_ERR_BAD_URL: 'unknown_url'
}

const byStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  404: 'unknown_url',
  408: 'request_timeout',
  413: 'request_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
  503: 'overloaded'
}

/** Node's HTTP parser failures that are not simply a bad request. */
const byParserCode: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'request_too_large'
}

/** Any failure as one of the table. What the table does not know is an internal error, and its cause stays in the log. */
export function toGatewayError (error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  const { code, statusCode } = error as { code?: string, statusCode?: number }
  const known = (code === undefined ? undefined : byFastifyCode[code]) ?? byStatus[statusCode ?? 500]
  return new GatewayError(known ?? 'internal_error', { cause: error })
}

/** Answers with a failure. The only place that formats one over HTTP. */
export function answerWith (error: GatewayError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.failure = error
  if (error.statusCode >= 500) request.log.error({ err: error, code: error.code }, 'request failed')
  if (error.statusCode === 401) void reply.header('www-authenticate', 'Bearer')
  return reply.code(error.statusCode).headers({ ...error.headers }).type('application/json').send(JSON.stringify(error.toBody()))
}

/** For Fastify's `frameworkErrors`: failures before routing, where no hook has run. */
export function answerFrameworkError (error: Error, request: FastifyRequest, reply: FastifyReply): void {
  void reply.header('x-request-id', request.id)
  answerWith(toGatewayError(error), request, reply)
}

/** For Node's `clientError`: bytes that are not HTTP. The connection is closed, because its framing is in doubt. */
export function answerClientError (error: NodeJS.ErrnoException, socket: Socket, requestId: string): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  socket.end(rawErrorResponse(new GatewayError(byParserCode[error.code ?? ''] ?? 'bad_request'), requestId))
}

/** Every failure in OpenAI's shape, with `x-request-id`. */
async function errors (app: FastifyInstance): Promise<void> {
  app.decorateRequest('failure', null)
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id)
    done()
  })
  app.setErrorHandler((error, request, reply) => answerWith(toGatewayError(error), request, reply))

  const routes: RouteEntry[] = []
  app.addHook('onRoute', ({ method, url }) => {
    for (const name of [method].flat()) routes.push({ method: name, url, segments: url.split('/') })
  })
  app.setNotFoundHandler((request, reply) => answerWith(unknownRoute(request, routes), request, reply))
}

interface RouteEntry {
  readonly method: string
  readonly url: string
  readonly segments: readonly string[]
}

/** 405 with `allow` where only the method is wrong, else a 404 that names what exists. */
function unknownRoute (request: FastifyRequest, routes: readonly RouteEntry[]): GatewayError {
  const path = request.url.split('?', 1)[0] ?? ''
  const allowed = routes.filter(route => matches(route.segments, path.split('/'))).map(route => route.method)
  if (allowed.length > 0) {
    return new GatewayError('method_not_allowed', {
      message: `${path} takes ${allowed.join(', ')}, not ${request.method}.`,
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

export default fp(errors, { name: 'errors', fastify: '5.x' })
