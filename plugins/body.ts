import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { readCall } from '../src/openai/call.ts'
import type { Call, Endpoint } from '../src/openai/call.ts'
import { GatewayError } from '../src/openai/errors.ts'
import type { ScanBounds } from '../src/openai/scan.ts'

export interface BodyOptions {
  readonly bounds: ScanBounds
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The kind of call this route's body is. Routes without one take any JSON, or none. */
    endpoint?: Endpoint
  }

  interface FastifyRequest {
    /** The facts of an inference request; null on routes without an endpoint. */
    call: Call | null
    /** The request has `Expect: 100-continue` and is still waiting for the 100. */
    awaitsContinue: boolean
  }
}

const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i

/**
 * Raw bytes and one bounded scan instead of parsed JSON: the bytes are forwarded as they came. Runs after the key is checked, so
 * that nobody without one can make the gateway read a body.
 */
async function body (app: FastifyInstance, options: BodyOptions): Promise<void> {
  app.decorateRequest('call', null)
  app.decorateRequest('awaitsContinue', false)
  app.removeAllContentTypeParsers()

  app.addHook('preParsing', (request, reply, _payload, done) => {
    const encoding = request.headers['content-encoding']
    if (encoding !== undefined && encoding !== 'identity') {
      done(new GatewayError('unsupported_encoding'))
      return
    }
    const declared = charset.exec(request.headers['content-type'] ?? '')?.[1]
    if (declared !== undefined && !/^(utf-?8|us-ascii)$/i.test(declared)) {
      done(new GatewayError('unsupported_media_type', { message: `The charset must be utf-8, not ${declared.slice(0, 40)}.` }))
      return
    }
    if (request.awaitsContinue) reply.raw.writeContinue()
    done()
  })

  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request: FastifyRequest, bytes: Buffer, done) => {
    try {
      const { endpoint } = request.routeOptions.config
      if (endpoint !== undefined) request.call = readCall(endpoint, bytes, options.bounds)
      done(null, bytes)
    } catch (error) {
      done(error as Error)
    }
  })

  /** A route that needs a call never runs without one: a request without a content type has no parser to refuse it. */
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.routeOptions.config.endpoint === undefined || request.call !== null) done()
    else done(new GatewayError('invalid_json', { message: 'The request has no body. Send JSON as "content-type: application/json".' }))
  })
}

export default fp(body, { name: 'body', fastify: '5.x', dependencies: ['errors'] })
