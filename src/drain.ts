import type { FastifyInstance } from 'fastify'
import type { Socket } from 'node:net'

/** Connections without a request are looked for this often while draining, ms: Fastify closes only those that are idle at the start. */
const sweepInterval = 100

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

  /** Resolves when the last request has ended. The caller sets the deadline, by ending what is still open. */
  async close (): Promise<void> {
    const sweep = setInterval(() => { this.#sweep() }, sweepInterval)
    try {
      await this.#app.close()
    } finally {
      clearInterval(sweep)
    }
  }

  #sweep (): void {
    this.#app.server.closeIdleConnections()
    for (const socket of this.#unused) socket.destroy()
  }
}
