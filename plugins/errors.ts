import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/openai/errors.ts'
import type { ErrorCode } from '../src/openai/errors.ts'

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
  FST_ERR_BAD_URL: 'invalid_url'
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

/** Any failure as one of the table. What the table does not know is an internal error, and its cause stays in the log. */
export function toGatewayError (error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  const { code, statusCode } = (error ?? {}) as { code?: string, statusCode?: number }
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

/** For Fastify's `frameworkErrors`: failures before routing, where no hook runs, and none that would log. */
export function answerFrameworkError (cause: Error, request: FastifyRequest, reply: FastifyReply): void {
  const error = toGatewayError(cause)
  request.log.info({ method: request.method, status: error.statusCode, error: error.code }, 'request')
  void reply.header('x-request-id', request.id)
  answerWith(error, request, reply)
}

/** Every failure in OpenAI's shape, with `x-request-id`. */
async function errors (app: FastifyInstance): Promise<void> {
  app.decorateRequest('failure', null)
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id)
    done()
  })
  app.setErrorHandler((error, request, reply) => answerWith(toGatewayError(error), request, reply))
}

export default fp(errors, { name: 'errors', fastify: '5.x' })
