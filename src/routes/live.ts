import type { FastifyInstance } from 'fastify'
import type { ServerResponse } from 'node:http'
import { GatewayError } from '../openai/errors.ts'
import { streamHeaders } from '../openai/headers.ts'
import { cursorAfter, mergeViews, printCursor, readCursor } from '../telemetry/live-requests.ts'
import type { Cursor, ProcessView } from '../telemetry/live-requests.ts'

export interface LiveOptions {
  /** What goes on in each process of this gateway. */
  readonly views: (seen: Cursor) => Promise<readonly ProcessView[]>
}

/** A view is sent so often, ms, when there is something new. */
const interval = 500
/** Silence after which a comment keeps proxies from cutting, in intervals. */
const patience = 30
/** Pages that may be open at a time. */
const maxViewers = 20

/**
 * `GET /v1/tollgate/requests`: what goes on now, as server-sent events. Each has the requests in flight, and those that ended since the
 * event before; the first has the last 200, or what came after `Last-Event-ID`.
 */
export default async function live (app: FastifyInstance, { views }: LiveOptions): Promise<void> {
  const viewers = new Set<Viewer>()
  app.addHook('preClose', async () => {
    for (const viewer of viewers) viewer.end()
  })

  app.get('/v1/tollgate/requests', (request, reply) => {
    if (viewers.size >= maxViewers) throw new GatewayError('overloaded', { message: `${maxViewers} live views are open already.` })
    reply.hijack()
    reply.raw.writeHead(200, [...streamHeaders, 'x-request-id', request.id])
    const viewer = new Viewer(views, reply.raw, readCursor(String(request.headers['last-event-id'] ?? '')))
    viewers.add(viewer)
    reply.raw.once('close', () => {
      viewer.end()
      viewers.delete(viewer)
    })
  })
}

/** One open page. */
class Viewer {
  readonly #views: LiveOptions['views']
  readonly #raw: ServerResponse
  readonly #timer: NodeJS.Timeout
  #seen: Cursor
  #looking = false
  #wasBusy = true
  #silence = 0

  constructor (views: LiveOptions['views'], raw: ServerResponse, seen: Cursor) {
    this.#views = views
    this.#raw = raw
    this.#seen = seen
    this.#timer = setInterval(() => { void this.#look() }, interval)
    void this.#look()
  }

  end (): void {
    clearInterval(this.#timer)
    this.#raw.end()
  }

  /** A page that does not read misses nothing: what it gets next is as new as can be. */
  async #look (): Promise<void> {
    if (this.#looking || this.#raw.writableNeedDrain) return
    this.#looking = true
    // A process that does not answer is asked again with the next look.
    const views = await this.#views(this.#seen).catch(() => null)
    this.#looking = false
    if (views !== null && !this.#raw.writableEnded) this.#show(views)
  }

  #show (views: readonly ProcessView[]): void {
    const view = mergeViews(views)
    const busy = view.in_flight > 0 || view.ended.length > 0
    if (busy || this.#wasBusy) {
      this.#seen = cursorAfter(views)
      this.#send(`id: ${printCursor(this.#seen)}\nevent: requests\ndata: ${JSON.stringify(view)}\n\n`)
    } else if (++this.#silence >= patience) {
      this.#send(': still here\n\n')
    }
    this.#wasBusy = busy
  }

  #send (text: string): void {
    this.#silence = 0
    this.#raw.write(text)
  }
}
