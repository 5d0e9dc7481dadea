import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { GatewayError } from '../src/openai/errors.ts'

export interface OverloadOptions {
  /** Requests at a time. */
  readonly maxInFlight: number
  /** How late the event loop may be on average, ms. */
  readonly maxLoopDelay: number
}

/** The event loop is looked at so often, ms: as long as one look may shed after a single stall. */
const window = 500
/** Of the monitor's timer, ms. */
const resolution = 20

/**
 * Refuses new requests while there is too much to do, so that those in flight can end: 503, which SDKs and load balancers try again
 * elsewhere. Before anything is spent on the request, its key included. The operator listener is never shed.
 */
async function overload (app: FastifyInstance, { maxInFlight, maxLoopDelay }: OverloadOptions): Promise<void> {
  const delays = monitorEventLoopDelay({ resolution })
  let inFlight = 0
  let loopDelay = 0

  function look (): void {
    // The monitor counts its own period as delay; without a sample its mean is NaN.
    loopDelay = Math.max(0, delays.mean / 1e6 - resolution) || 0
    delays.reset()
    app.metrics.loopDelay(loopDelay)
  }

  const timer = setInterval(look, window)
  timer.unref()
  // Not before: loading the program blocks the loop, too.
  app.addHook('onReady', () => { delays.enable() })
  app.addHook('onClose', () => {
    clearInterval(timer)
    delays.disable()
  })

  app.observers.push({
    began () { inFlight++ },
    ended () { inFlight-- }
  })

  app.addHook('onRequest', (_request, _reply, done) => {
    if (inFlight <= maxInFlight && loopDelay <= maxLoopDelay) done()
    else done(new GatewayError('overloaded', { headers: { 'retry-after': '1' } }))
  })
}

export default fp(overload, { name: 'overload', fastify: '5.x', dependencies: ['facts', 'metrics'], decorators: { fastify: ['observers', 'metrics'] } })
