import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { GatewayError } from '../src/openai/errors.ts'
import { rawErrorResponse } from '../src/openai/raw-error.ts'

export interface ProtocolOptions {
  readonly requestId: () => string
}

const continues = new WeakSet<IncomingMessage>()

/** What HTTP/1.1 allows beside plain requests, answered in OpenAI's shape instead of by silence. */
async function protocol (app: FastifyInstance, { requestId }: ProtocolOptions): Promise<void> {
  const { server } = app

  /** Node has already taken the socket away from HTTP here: WebSocket upgrades, and CONNECT. */
  server.on('upgrade', (_request: IncomingMessage, socket: Duplex) => {
    socket.end(rawErrorResponse(new GatewayError('websocket_unsupported', { headers: { upgrade: 'HTTP/1.1' } }), requestId()))
  })
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    socket.end(rawErrorResponse(new GatewayError('method_not_allowed', { message: 'This is no proxy.', headers: { allow: 'GET, POST, DELETE' } }), requestId()))
  })

  /** The 100 goes out only after the key and the headers have been accepted: see `body`. */
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    continues.add(request)
    server.emit('request', request, response)
  })
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    response.socket?.end(rawErrorResponse(new GatewayError('expectation_failed'), requestId()))
  })

  app.addHook('onRequest', (request, _reply, done) => {
    request.awaitsContinue = continues.has(request.raw)
    if (hasOneHost(request.raw)) done()
    else done(new GatewayError('bad_request', { message: 'The request needs exactly one Host header.', headers: { connection: 'close' } }))
  })
}

/** RFC 9112 §3.2: none or two in HTTP/1.1 is a 400. Node lets two through. */
function hasOneHost ({ rawHeaders, httpVersionMinor }: IncomingMessage): boolean {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts === 1 || (hosts === 0 && httpVersionMinor === 0)
}

export default fp(protocol, { name: 'protocol', fastify: '5.x', dependencies: ['errors'] })
