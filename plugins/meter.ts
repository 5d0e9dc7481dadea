import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { billedAsReserved, billedByProvider, billedBySeen, tokensOfBytes } from '../src/metering/billing.ts'
import { costOf } from '../src/metering/pricing.ts'
import type { Price, PriceTable } from '../src/metering/pricing.ts'
import { noUsage } from '../src/metering/outcome.ts'
import type { Reservation } from '../src/metering/reservation.ts'
import type { Outcome as Bill } from '../src/metering/row.ts'
import type { Ledger } from '../src/stores/ledger.ts'
import type { RequestFacts } from '../src/telemetry/request-facts.ts'
import type { Outcome, Tap } from '../src/upstream/exchange.ts'

/** Keeps the leases of open requests. */
export interface Leases {
  /** Returns what to release it by. */
  keep (reservation: Reservation): number
  release (place: number): void
}

export interface MeterOptions {
  readonly ledger: Pick<Ledger, 'settle' | 'void' | 'estimate'>
  readonly leases: Leases
  readonly prices: PriceTable
}

/** Around the relay: usage out of the answer, its price, and one settlement before the client's last byte. */
async function meter (app: FastifyInstance, { ledger, leases, prices }: MeterOptions): Promise<void> {
  app.addHook('preHandler', (request, reply, done) => {
    const { reservation = null } = request.admission ?? {}
    if (reservation !== null) {
      const price = prices.find(reservation.model, Date.now())
      if (price === null) app.metrics.unpriced(reservation.model)
      const settlement = new Settlement(reservation, price, ledger, leases, request.facts, request.log)
      request.taps.push(settlement)
      // A request that never came to the relay (a later link refused it, the client left) has used nothing.
      reply.onceClosed(() => { settlement.abandon() })
    }
    done()
  })
}

/** One admitted request until it is settled: exactly once, whatever comes first. */
class Settlement implements Tap {
  readonly #reservation: Reservation
  readonly #price: Price | null
  readonly #ledger: MeterOptions['ledger']
  readonly #leases: Leases
  readonly #facts: RequestFacts
  readonly #log: FastifyBaseLogger
  readonly #lease: number
  #started = false

  constructor (reservation: Reservation, price: Price | null, ledger: MeterOptions['ledger'], leases: Leases, facts: RequestFacts, log: FastifyBaseLogger) {
    this.#reservation = reservation
    this.#price = price
    this.#ledger = ledger
    this.#leases = leases
    this.#facts = facts
    this.#log = log
    this.#lease = leases.keep(reservation)
  }

  onStart (): void {
    this.#started = true
  }

  /** What a crash would be billed by. */
  onChunk (_chunk: Buffer, outputBytes: number): void {
    const { seen } = this.#reservation
    seen.outputTokens = tokensOfBytes(outputBytes)
    if (this.#price !== null) seen.costNanoUsd = costOf(this.#price, { ...noUsage, inputTokens: seen.inputTokens, outputTokens: seen.outputTokens })
  }

  onEnd (outcome: Outcome): Promise<unknown> {
    this.#started = true
    // What it costs is counted when it is known.
    if (this.#goesOn(outcome)) return this.#conclude(this.#ledger.estimate(this.#reservation, billedAsReserved(this.#reservation, this.#price, statusOf(outcome))))
    const bill = this.#bill(outcome)
    if (bill === null) return this.#conclude(this.#ledger.void(this.#reservation, statusOf(outcome)))
    this.#facts.costNanoUsd = bill.costNanoUsd
    return this.#conclude(this.#ledger.settle(this.#reservation, bill))
  }

  abandon (): void {
    if (this.#started) return
    this.#started = true
    void this.#conclude(this.#ledger.void(this.#reservation, 'not_dispatched'))
  }

  /** An upstream goes on with what it makes in the background, whoever listens: the link `background` learns what that used. */
  #goesOn ({ result, usage, dispatched, firstByteMs }: Outcome): boolean {
    return this.#facts.background && usage === null && (result === 'cancelled' ? dispatched : firstByteMs !== null)
  }

  /** Null: nothing was consumed. An error is never billed as output; a client that left pays for its prompt and what was written. */
  #bill (outcome: Outcome): Bill | null {
    const { result, usage, outputBytes, dispatched, firstByteMs } = outcome
    const status = statusOf(outcome)
    if (usage !== null) return billedByProvider(usage, this.#price, status)
    const { seen } = this.#reservation
    if (result === 'complete') return billedBySeen(seen, outputBytes, this.#price, 'estimated', status)
    const used = result === 'cancelled' ? dispatched : firstByteMs !== null && outputBytes > 0
    return used ? billedBySeen(seen, outputBytes, this.#price, 'partial', status) : null
  }

  #conclude (ending: Promise<unknown>): Promise<unknown> {
    this.#leases.release(this.#lease)
    // The lease runs out, and the request is billed by what was last seen of it.
    return ending.catch((error: unknown) => { this.#log.error({ err: error, rid: this.#reservation.rid }, 'settlement failed') })
  }
}

function statusOf ({ result, error }: Outcome): string {
  if (result === 'cancelled') return 'client_abort'
  return error === null ? '200' : error.code
}

export default fp(meter, { name: 'meter', fastify: '5.x', dependencies: ['connection', 'limits', 'upstream'], decorators: { reply: ['onceClosed'], request: ['admission', 'taps', 'facts'] } })
