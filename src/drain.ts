import type { FastifyInstance } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Connections without a request are looked for this often while draining, ms: Node closes only those that are idle at the start. */
const sweepInterval = 100
/** What was told to end may take so long to do it, ms; then its connection is cut. Of clients that read nothing, say. */
const lastWords = 2_000

/** What a connection is busy with. */
interface Use {
  /** Responses whose last byte has not been handed to the system. */
  responses: number
  /** Bytes read when the last of them had been, or when the rest of its request had come. */
  readAtRest: number
}

/** Closes a listener without cutting a request: open ones run to their end, and connections without one are closed as they become idle. */
export class Drain {
  readonly #app: FastifyInstance
  readonly #uses = new Map<Socket, Use>()

  /** Watches the listener's connections; make it before the listener opens. */
  constructor (app: FastifyInstance) {
    const { server } = app
    this.#app = app
    server.on('connection', (socket: Socket) => {
      this.#uses.set(socket, { responses: 0, readAtRest: 0 })
      socket.once('close', () => { this.#uses.delete(socket) })
    })
    server.on('request', (request: IncomingMessage, response: ServerResponse) => { this.#note(request, response) })
    // Node's own, which it also calls when it closes, cuts responses that have been ended but not yet sent (a large one, a slow
    // client), and leaves connections open that have not sent anything (node:_http_server, v24).
    server.closeIdleConnections = () => { this.#closeIdle() }
  }

  /** From now on every answer ends its connection (`connection: close`), so that the next request goes elsewhere. All are still answered but those that were sent behind another without waiting for its answer. */
  turnAway (): void {
    this.#app.server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => { response.shouldKeepAlive = false })
  }

  /**
   * Takes no more connections, and resolves when the last request has ended.
   *
   * @param deadline ms after which `endRest` is called, which has to end what is still open
   */
  async close (deadline: number, endRest: () => void): Promise<void> {
    const sweep = setInterval(() => { this.#closeIdle() }, sweepInterval)
    const end = setTimeout(endRest, deadline)
    const cut = setTimeout(() => { this.#app.server.closeAllConnections() }, deadline + lastWords)
    try {
      await this.#app.close()
    } finally {
      clearInterval(sweep)
      clearTimeout(end)
      clearTimeout(cut)
    }
  }

  #note (request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    const use = this.#uses.get(socket)
    if (use === undefined) return
    use.responses++
    response.on('close', () => {
      use.responses--
      use.readAtRest = socket.bytesRead
    })
    // The body of a request that was refused may come after its answer: it is read and dropped.
    request.once('close', () => { use.readAtRest = socket.bytesRead })
  }

  /** Neither answering, nor in the middle of a request. */
  #closeIdle (): void {
    for (const [socket, { responses, readAtRest }] of this.#uses) {
      if (responses === 0 && socket.bytesRead === readAtRest) socket.destroy()
    }
  }
}
