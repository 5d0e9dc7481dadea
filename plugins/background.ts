import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { billedByProvider, billedBySeen } from '../src/metering/billing.ts'
import { voided } from '../src/metering/outcome.ts'
import type { PriceTable } from '../src/metering/pricing.ts'
import { mintedAt, reservationOfRow } from '../src/metering/reservation.ts'
import type { Outcome as Bill } from '../src/metering/row.ts'
import type { JsonBody } from '../src/openai/json-body.ts'
import { topLevelMember } from '../src/openai/tail-member.ts'
import { usageOfBody } from '../src/openai/usage.ts'
import type { Usage } from '../src/openai/usage.ts'
import type { BegunBy } from '../src/stores/directory/objects.ts'
import type { Ledger } from '../src/stores/ledger.ts'
import type { Outcome, Tap } from '../src/upstream/exchange.ts'

export interface BackgroundOptions {
  readonly ledger: Pick<Ledger, 'settle'>
  readonly prices: PriceTable
}

/**
 * What a response used that was made in the background is known when somebody asks for it: then the estimate that the request which
 * began it was billed by is corrected, before the asker has the answer. Asking again changes nothing.
 */
async function background (app: FastifyInstance, { ledger, prices }: BackgroundOptions): Promise<void> {
  app.addHook('preHandler', (request, _reply, done) => {
    const { begunBy, caller, log } = request
    if (begunBy !== null && caller !== null) request.taps.push(new LateSettlement(caller.project.id, begunBy, { ledger, prices, metrics: app.metrics, log }))
    done()
  })
}

interface Means extends BackgroundOptions {
  readonly metrics: FastifyInstance['metrics']
  readonly log: FastifyBaseLogger
}

class LateSettlement implements Tap {
  readonly #projectId: string
  readonly #begunBy: BegunBy
  readonly #means: Means
  #status: unknown = null
  #usage: Usage | null = null

  constructor (projectId: string, begunBy: BegunBy, means: Means) {
    this.#projectId = projectId
    this.#begunBy = begunBy
    this.#means = means
  }

  onBody (body: JsonBody): void {
    this.#status = topLevelMember(body.bytes, 'status')
    this.#usage = usageOfBody('responses', body.bytes)
  }

  /** Of a stream, the outcome has the usage, and nobody told the status. */
  async onEnd ({ usage }: Outcome): Promise<void> {
    const { ledger, metrics, log } = this.#means
    const { rid, model } = this.#begunBy
    const bill = this.#bill(usage ?? this.#usage)
    if (bill === null) return
    try {
      const settled = await ledger.settle(reservationOfRow(this.#projectId, this.#begunBy), bill)
      if (settled === 'recorded' || settled === 'corrected') metrics.usedInBackground(this.#projectId, model, bill)
    } catch (error) {
      // The next one who asks settles it.
      log.error({ err: error, rid }, 'settlement of a response in the background failed')
    }
  }

  /** Null: it goes on, or does not say what it used. An error is never billed as output; what was cancelled, by its prompt. */
  #bill (usage: Usage | null): Bill | null {
    if (this.#status === 'queued' || this.#status === 'in_progress') return null
    const { rid, model, inputTokens } = this.#begunBy
    const price = this.#means.prices.find(model, mintedAt(rid))
    if (usage !== null) return billedByProvider(usage, price, '200')
    if (this.#status === 'failed') return voided('response_failed')
    if (this.#status === 'cancelled') return billedBySeen({ inputTokens, outputTokens: 0, costNanoUsd: null }, 0, price, 'partial', 'response_cancelled')
    return null
  }
}

export default fp(background, { name: 'background', fastify: '5.x', dependencies: ['ownership', 'upstream', 'metrics'], decorators: { request: ['begunBy', 'caller', 'taps'] } })
