import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Turns } from '../src/collections/turns.ts'
import { GatewayError } from '../src/openai/errors.ts'
import type { Memory } from '../src/telemetry/memory.ts'

export interface OverloadOptions {
  /** Requests at a time. */
  readonly maxInFlight: number
  /** How late the event loop may be on average, ms. */
  readonly maxLoopDelay: number
  readonly memory: Memory
}

/** The event loop is looked at so often, ms: as long as one look may shed after a single stall. */
const window = 500
/** Of the monitor's timer, ms. */
const resolution = 20
/** Memory is looked at so often, ms: a look takes 0.2 ms, and a burst of large bodies is quicker than half a second. */
const memoryWindow = 100
/** Shares of the memory: from the first on, answers end their connections, so that callers go elsewhere; from the second on, requests are refused. */
const tightMemory = 0.92
const fullMemory = 0.95
/** A body while it is read and forwarded, as a multiple of its length (measured): its pieces, the whole, its text, and what waits to be collected of all that. */
const bodyWeight = 10
/** Shorter bodies count as nothing: they are many, and small enough to be noticed in time. Bytes. */
const smallBody = 65_536
/** Requests that begin in one turn of the event loop: all 64 that are in flight made turns of 3 ms and more, which everybody else waited for. */
const perTurn = 8
/** So many at a time pass however full it is: what the process does not give back when it is idle must not lock it up. */
const leastInFlight = 4

/**
 * Lets requests begin a few at a time, and refuses new ones while there is too much to do, so that those in flight can end: 503, which SDKs
 * and load balancers try again elsewhere. Before anything is spent on the request, its key included; for want of room for its body, before that is read. The operator listener is never shed.
 */
async function overload (app: FastifyInstance, { maxInFlight, maxLoopDelay, memory }: OverloadOptions): Promise<void> {
  const delays = monitorEventLoopDelay({ resolution })
  const turns = new Turns(perTurn, setImmediate, () => performance.now())
  let inFlight = 0
  /** The loop's own, and how long requests waited for their turn. */
  let loopDelay = 0
  /** What the monitor had counted at the last look: resetting it would lose a stall that begins before its next sample. */
  let seen = { count: 0, sum: 0 }
  /** Of the bodies that are on their way, bytes; and of those that came since the last look at the memory, which does not show them. */
  let expected = 0
  let arrived = 0

  function look (): void {
    const { count, mean } = delays
    const now = { count, sum: count === 0 ? 0 : mean * count / 1e6 }
    // The monitor counts its own period as delay.
    const late = count === seen.count ? 0 : Math.max(0, (now.sum - seen.sum) / (count - seen.count) - resolution)
    loopDelay = late + turns.takeMeanWait()
    seen = now
    app.metrics.loopDelay(loopDelay)
  }

  function lookAtMemory (): void {
    memory.look()
    expected -= arrived
    arrived = 0
    app.metrics.memoryUsed(memory.usedWith(0))
  }

  // When all timers have run, the monitor's among them: so that the very stall that made this one late counts at once.
  const timers = [setInterval(() => { setImmediate(look) }, window), setInterval(lookAtMemory, memoryWindow)]
  for (const timer of timers) timer.unref()
  // Not before: loading the program blocks the loop, too.
  app.addHook('onReady', () => { delays.enable() })
  app.addHook('onClose', () => {
    for (const timer of timers) clearInterval(timer)
    delays.disable()
  })

  app.observers.push({
    began () { inFlight++ },
    ended () { inFlight-- }
  })

  /** @param body of the request, bytes */
  function hasRoomFor (body: number): boolean {
    return inFlight <= leastInFlight || memory.usedWith((expected + body) * bodyWeight) <= fullMemory
  }

  app.addHook('onRequest', (_request, reply, done) => {
    if (memory.usedWith(0) > tightMemory) reply.raw.shouldKeepAlive = false
    if (inFlight <= maxInFlight && loopDelay <= maxLoopDelay && hasRoomFor(0)) turns.begin(done)
    else done(overloaded())
  })

  // Behind the key: nobody else may fill the memory with announcements.
  app.addHook('preParsing', (request, reply, payload, done) => {
    const length = announced(request)
    if (length <= smallBody) {
      done(null, payload)
    } else if (hasRoomFor(length)) {
      expected += length
      onceOver(request.raw, reply.raw, () => { arrived += length })
      done(null, payload)
    } else {
      done(overloaded())
    }
  })
}

/** The length of the body that is to come, bytes. None comes of a client that has left, whose request will not be closed again; nor of one that is refused for its length. */
function announced ({ headers, raw, routeOptions }: FastifyRequest): number {
  const length = Number(headers['content-length'] ?? 0)
  return raw.destroyed || length > (routeOptions.bodyLimit ?? Infinity) ? 0 : length
}

/** Acts when a body has been read to its end or was broken off, or when its request is answered without it: of a request that was, Node does not tell that its connection broke. */
function onceOver (request: IncomingMessage, response: ServerResponse, act: () => void): void {
  const over = (): void => {
    request.off('close', over)
    response.off('close', over)
    act()
  }
  request.once('close', over)
  response.once('close', over)
}

function overloaded (): GatewayError {
  return new GatewayError('overloaded', { headers: { 'retry-after': '1' } })
}

export default fp(overload, { name: 'overload', fastify: '5.x', dependencies: ['facts', 'metrics'], decorators: { fastify: ['observers', 'metrics'] } })
