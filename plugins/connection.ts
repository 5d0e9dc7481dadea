import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { GatewayError } from '../src/openai/errors.ts'
import type { ErrorCode } from '../src/openai/errors.ts'
import { rawErrorResponse } from '../src/openai/raw-error.ts'

declare module 'fastify' {
  interface FastifyReply {
    /** Acts when the response is closed: sent whole, or its client gone. Soon, where it is closed already. */
    onceClosed (act: () => void): void
  }
}

export interface ConnectionOptions {
  readonly requestId: () => string
}

/** Node's HTTP parser failures that are not simply a bad request. */
const byParserCode: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'request_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout'
}

/** After the last answer, what the client still sends is read and dropped for so long, ms: a reset would take the answer from it (RFC 9112 §9.6). */
const lingerMs = 1_000

/** The answer to the newest request of each connection. Pipelined answers go out in order, so it is also the last to end. */
const newest = new WeakMap<Duplex, ServerResponse>()
const refused = new WeakSet<Duplex>()
/** Connections whose last answer is under way. */
const ending = new WeakSet<Duplex>()

/**
 * For Node's `clientError`: bytes that are not HTTP, or that did not come in time. The connection is closed, because its framing is
 * in doubt; the refusal goes out first, but never into or before an answer that is still open on the same connection.
 */
export function answerClientError (error: NodeJS.ErrnoException, socket: Duplex, requestId: string, log: FastifyBaseLogger): void {
  if (refused.has(socket)) return
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const failure = new GatewayError(byParserCode[error.code ?? ''] ?? 'bad_request')
  log.info({ request_id: requestId, status: failure.statusCode, error: failure.code, cause: error.code }, 'request')
  refuse(socket, failure, requestId)
}

async function connection (app: FastifyInstance, { requestId }: ConnectionOptions): Promise<void> {
  app.decorateReply('onceClosed', function (act) {
    if (this.raw.destroyed) setImmediate(act)
    else this.raw.on('close', act)
  })

  // Not a hook: Fastify answers broken URLs without any.
  app.server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => { newest.set(request.socket, response) })

  // What Node calls after the last answer of a connection destroys the socket, whatever the client is still sending.
  app.server.on('connection', (socket: Socket) => { socket.destroySoon = () => { closeWith(socket) } })

  // What comes behind the last answer's request is not processed (RFC 9112 §9.6): its client gets no answer, and may send it again elsewhere.
  app.addHook('onRequest', ({ raw: { socket } }, { raw }, done) => {
    if (ending.has(socket)) return
    if (!raw.shouldKeepAlive) ending.add(socket)
    done()
  })
  app.addHook('onSend', ({ raw: { socket } }, reply, _payload, done) => {
    if (reply.getHeader('connection') === 'close') ending.add(socket)
    done()
  })

  app.server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    // Node has let go of the socket: nobody else listens for its errors, and nobody reads what comes.
    socket.on('error', () => { socket.destroy() })
    socket.resume()
    const id = requestId()
    const failure = new GatewayError('method_not_allowed', { message: 'This is no proxy.', headers: { allow: 'GET, POST, DELETE' } })
    app.log.info({ request_id: id, method: 'CONNECT', status: failure.statusCode, error: failure.code }, 'request')
    refuse(socket, failure, id)
  })
}

function refuse (socket: Duplex, failure: GatewayError, requestId: string): void {
  refused.add(socket)
  const answer = rawErrorResponse(failure, requestId)
  const open = newest.get(socket)
  if (open === undefined) closeWith(socket, answer)
  else if (open.req.complete) afterIts(open, () => { closeWith(socket, answer) })
  // The fault is in the body of a request that is known already. Where it has its answer, there must be no second one.
  else if (open.headersSent) afterIts(open, () => { closeWith(socket) })
  else if (open.socket === null) open.once('socket', () => { closeWith(socket, answer) })
  else closeWith(socket, answer)
}

function afterIts (response: ServerResponse, act: () => void): void {
  if (response.writableFinished) act()
  else response.once('finish', act)
}

function closeWith (socket: Duplex, lastWords?: string): void {
  if (socket.writable) socket.end(lastWords)
  const linger = setTimeout(() => { socket.destroy() }, lingerMs)
  socket.once('close', () => { clearTimeout(linger) })
}

export default fp(connection, { name: 'connection', fastify: '5.x', dependencies: ['errors'] })
