import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { costOf } from '../metering/pricing.ts'
import type { PriceTable } from '../metering/pricing.ts'
import { mintedAt, ridOf } from '../metering/reservation.ts'
import type { Reservation } from '../metering/reservation.ts'
import type { LedgerRow } from '../metering/row.ts'
import { GatewayError } from '../openai/errors.ts'
import type { Ledger } from '../stores/ledger.ts'
import type { EndedRequest } from '../telemetry/live-requests.ts'

export interface ExplainOptions {
  readonly ledger: Pick<Ledger, 'records'>
  readonly prices: PriceTable
  /** What this gateway remembers of a request that ended lately. */
  readonly ended: (requestId: string) => Promise<EndedRequest | null>
}

const Params = Type.Object({ id: Type.String({ maxLength: 256 }) })
const requestId = /^req_[0-9a-f]{32}$/

/**
 * `GET /v1/tollgate/requests/{id}`: what became of one request. `rows` and `open` are the ledger's, from any replica; `seen` is what
 * this gateway remembers of it, and the only place that knows of a refusal, for a refused request leaves nothing in the ledger.
 */
export default async function explain (app: FastifyInstance, { ledger, prices, ended }: ExplainOptions): Promise<void> {
  app.get<{ Params: Static<typeof Params> }>('/v1/tollgate/requests/:id', { schema: { params: Params } }, async ({ params: { id } }) => {
    if (!requestId.test(id)) throw new GatewayError('invalid_value', { param: 'id', message: 'The id of a request is "req_" and 32 hex digits: the header x-request-id of its answer.' })
    const seen = await ended(id)
    const found = await ledger.records.find(ridOf(id))
    if (seen === null && found === null) {
      throw new GatewayError('not_found', { message: `Neither the ledger nor this gateway knows of "${id}". Refusals are remembered by the gateway that made them, the last 1000 of each process; its log has all.` })
    }
    return {
      object: 'tollgate.request' as const,
      id,
      project: found?.projectId ?? seen?.project ?? null,
      rows: (found?.rows ?? []).map(row => rowObject(row, prices)),
      open: found === null || found.open === null ? null : openObject(found.open),
      seen
    }
  })
}

function rowObject (row: LedgerRow, prices: PriceTable): object {
  const { seq, at, kind, status, source, keyId, model, endpoint, period, costNanoUsd, usage: { costNanoUsd: _, ...tokens } } = row
  return { seq, at, kind, status, source, key: keyId, model, endpoint, period, tokens, cost_nano_usd: costNanoUsd, price: priceOf(row, prices) }
}

/** Where the cost comes from: the day from which the price was valid, `provider` for its own figure, null where there is no price or nothing to pay. */
function priceOf ({ kind, rid, model, source, usage, costNanoUsd }: LedgerRow, prices: PriceTable): string | null {
  if (costNanoUsd === null || (kind !== 'settled' && kind !== 'estimated')) return null
  const price = prices.find(model, mintedAt(rid))
  // What was reserved is reckoned at the dearest rates.
  return price !== null && (source === 'estimated' || costOf(price, usage) === costNanoUsd) ? price.effectiveFrom : 'provider'
}

function openObject ({ keyId, model, endpoint, period, tokens, costNanoUsd, seen }: Reservation): object {
  return {
    key: keyId,
    model,
    endpoint,
    period,
    reserved_tokens: tokens,
    reserved_nano_usd: costNanoUsd,
    seen: { input_tokens: seen.inputTokens, output_tokens: seen.outputTokens, cost_nano_usd: seen.costNanoUsd }
  }
}
