import type { FastifyInstance } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Connections without a request are looked for this often while draining, ms: Fastify closes only those that are idle at the start. */
const sweepInterval = 100
/** What was told to end may take so long to do it, ms; then its connection is cut. Of clients that read nothing, say. */
const lastWords = 2_000

/** Closes a listener without cutting a request: open ones run to their end, and connections without one are closed as they become idle. */
export class Drain {
  readonly #app: FastifyInstance
  /** Connections that have sent no request yet. Node does not count them as idle, and would wait for their first (30 s and more). */
  readonly #unused = new Set<Socket>()

  /** Watches the listener's connections; make it before the listener opens. */
  constructor (app: FastifyInstance) {
    this.#app = app
    app.server.on('connection', (socket: Socket) => {
      this.#unused.add(socket)
      socket.once('close', () => { this.#unused.delete(socket) })
    })
    app.server.on('request', ({ socket }: { socket: Socket }) => { this.#unused.delete(socket) })
  }

  /** From now on every answer ends its connection (`connection: close`), so that the next request goes elsewhere. All are still answered. */
  turnAway (): void {
    this.#app.server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => { response.shouldKeepAlive = false })
  }

  /**
   * Takes no more connections, and resolves when the last request has ended.
   *
   * @param deadline ms after which `endRest` is called, which has to end what is still open
   */
  async close (deadline: number, endRest: () => void): Promise<void> {
    const sweep = setInterval(() => { this.#sweep() }, sweepInterval)
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

  #sweep (): void {
    this.#app.server.closeIdleConnections()
    for (const socket of this.#unused) socket.destroy()
  }
}
