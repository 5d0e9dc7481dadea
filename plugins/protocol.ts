import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { GatewayError } from '../src/openai/errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The request has `Expect: 100-continue` and is still waiting for the 100. */
    awaitsContinue: boolean
  }
}

/** Characters. RFC 9112 §3 asks for 8000 at least. */
const maxUrlLength = 8_192
/** Characters of one header's value; all together have `maxHeaderSize`. */
const maxHeaderLength = 16_384

const close = { connection: 'close' }

/** What an HTTP message may say beside the request itself: the head that two servers could read differently, Expect, Upgrade. */
async function protocol (app: FastifyInstance): Promise<void> {
  app.decorateRequest('awaitsContinue', false)

  // Without these listeners Node answers by itself: the 100 before the key is checked, and a 417 without a body.
  for (const event of ['checkContinue', 'checkExpectation']) {
    app.server.on(event, (request: IncomingMessage, response: ServerResponse) => { app.server.emit('request', request, response) })
  }

  app.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request
    const { expect, upgrade } = raw.headers
    const fault = faultOfHead(raw) ?? (upgrade === undefined ? null : faultOfUpgrade(upgrade))
    if (fault !== null) done(fault)
    else if (expect === undefined || raw.httpVersionMinor === 0) done()
    else if (expect.toLowerCase() !== '100-continue') done(new GatewayError('expectation_failed', { headers: close }))
    else {
      request.awaitsContinue = true
      done()
    }
  })
}

/** The first reason to refuse the head of a request, or null. */
function faultOfHead (raw: IncomingMessage): GatewayError | null {
  const { url = '', rawHeaders, headers, httpVersionMajor, httpVersionMinor } = raw
  if (httpVersionMajor !== 1) return new GatewayError('bad_request', { message: 'Only HTTP/1.1 and HTTP/1.0 are spoken here.', headers: close })
  if (url.length > maxUrlLength) return new GatewayError('uri_too_long')
  if (url.includes('#')) return new GatewayError('invalid_url', { message: 'A "#" in the URL must be written "%23".' })
  if (httpVersionMinor === 0 && headers['transfer-encoding'] !== undefined) {
    return new GatewayError('bad_request', { message: 'HTTP/1.0 knows no Transfer-Encoding.', headers: close })
  }
  return faultOfHeaders(rawHeaders, httpVersionMinor)
}

/** Of a header that is there twice, Node keeps the first: another server in front may have believed the second. */
function faultOfHeaders (rawHeaders: readonly string[], httpVersionMinor: number): GatewayError | null {
  let hosts = 0
  let contentTypes = 0
  let authorizations = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
    else if (name.length === 12 && name.toLowerCase() === 'content-type') contentTypes++
    else if (name.length === 13 && name.toLowerCase() === 'authorization') authorizations++
    if ((rawHeaders[index + 1] ?? '').length > maxHeaderLength) return new GatewayError('headers_too_large', { message: `The header "${name.slice(0, 100)}" is too large.` })
  }
  if (hosts > 1 || (hosts === 0 && httpVersionMinor > 0)) {
    return new GatewayError('bad_request', { message: 'The request needs exactly one Host header.', headers: close })
  }
  if (contentTypes > 1) return new GatewayError('bad_request', { message: 'The request has two Content-Type headers.', headers: close })
  if (authorizations > 1) return new GatewayError('invalid_api_key', { message: 'The request has two Authorization headers.' })
  return null
}

/** Any other offer (`h2c`, which Java's client always makes) may be ignored, RFC 9110 §7.8. */
function faultOfUpgrade (upgrade: string): GatewayError | null {
  if (!/\bwebsocket\b/i.test(upgrade)) return null
  return new GatewayError('websocket_unsupported', { headers: { upgrade: 'HTTP/1.1', connection: 'upgrade' } })
}

export default fp(protocol, { name: 'protocol', fastify: '5.x', dependencies: ['errors'] })
