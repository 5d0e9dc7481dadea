import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { readCall } from '../src/openai/call.ts'
import type { Call, Endpoint } from '../src/openai/call.ts'
import { GatewayError } from '../src/openai/errors.ts'
import { scan } from '../src/openai/scan.ts'
import type { ScanBounds, ScannedObject } from '../src/openai/scan.ts'

export interface BodyOptions {
  readonly bounds: ScanBounds
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The kind of call this route's body is. Routes without one take any JSON object, or no body. */
    endpoint?: Endpoint
  }

  interface FastifyRequest {
    /** The facts of an inference request; null on routes without an endpoint, and again once an upstream answers. */
    call: Call | null
    /** The body of a request on a route without an endpoint; null: there is none, or an upstream answers. */
    fields: ScannedObject | null
  }
}

const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i

/**
 * Raw bytes and one bounded scan instead of parsed JSON: the bytes are forwarded as they came. Runs after the key is checked, so
 * that nobody without one can make the gateway read a body.
 */
async function body (app: FastifyInstance, { bounds }: BodyOptions): Promise<void> {
  app.decorateRequest('call', null)
  app.decorateRequest('fields', null)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request: FastifyRequest, bytes: Buffer, done) => { done(null, bytes) })

  app.addHook('preParsing', (request, reply, _payload, done) => {
    const fault = faultOfMedia(request)
    if (fault === null && request.awaitsContinue) reply.raw.writeContinue()
    done(fault)
  })

  // Not in the parser: Fastify closes the connection after a parser's failure, but here the body has been read whole.
  app.addHook('preValidation', (request, _reply, done) => {
    const { endpoint } = request.routeOptions.config
    const bytes = request.body instanceof Buffer && request.body.length > 0 ? request.body : null
    try {
      if (endpoint !== undefined) request.call = read(endpoint, bytes, bounds)
      else if (bytes !== null) request.fields = scan(bytes, bounds)
      done()
    } catch (error) {
      done(error as Error)
    }
  })
}

function faultOfMedia ({ headers, routeOptions }: FastifyRequest): GatewayError | null {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return new GatewayError('unsupported_encoding')
  const declared = charset.exec(headers['content-type'] ?? '')?.[1]
  if (declared !== undefined && !/^(utf-?8|us-ascii)$/i.test(declared)) {
    return new GatewayError('unsupported_media_type', { message: `The charset must be utf-8, not ${declared.slice(0, 40)}.` })
  }
  // Fastify refuses it too, but only after the 100 that invites it.
  const tooLarge = Number(headers['content-length'] ?? 0) > (routeOptions.bodyLimit ?? Infinity)
  return tooLarge ? new GatewayError('request_too_large', { headers: { connection: 'close' } }) : null
}

function read (endpoint: Endpoint, bytes: Buffer | null, bounds: ScanBounds): Call {
  // A request without a content type and without a body has no parser that would refuse it.
  if (bytes === null) throw new GatewayError('invalid_json', { message: 'The request has no body. Send JSON as "content-type: application/json".' })
  const call = readCall(endpoint, bytes, bounds)
  // The name would go upstream, into the log and into the ledger.
  if (call.model.startsWith('sk-')) throw new GatewayError('model_not_found', { param: 'model', message: 'The model is a key. Keys belong into the header "Authorization" alone.' })
  return call
}

export default fp(body, { name: 'body', fastify: '5.x', dependencies: ['errors', 'protocol'] })
