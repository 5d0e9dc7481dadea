import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { usdOf } from '../../metering/money.ts'
import type { UsageGroup, UsageResult } from '../../metering/usage.ts'
import type { Ledger } from '../../stores/ledger.ts'
import { bucketsOf, Names, Seconds, spanOf } from './usage-schema.ts'

const CostsQuery = Type.Object({
  start_time: Seconds,
  end_time: Type.Optional(Seconds),
  bucket_width: Type.Enum(['1d'], { default: '1d' }),
  project_ids: Names,
  api_key_ids: Names,
  line_items: Names,
  group_by: Type.Optional(Type.Array(Type.Enum(['project_id', 'api_key_id', 'line_item']), { maxItems: 3 })),
  limit: Type.Integer({ minimum: 1, maximum: 180, default: 7 }),
  page: Type.Optional(Type.String({ minLength: 1, maxLength: 64 }))
}, { additionalProperties: false })

const groups = { project_id: 'project', api_key_id: 'key', line_item: 'model' } as const satisfies Record<string, UsageGroup>

/** `/v1/organization/costs`: money by the day. A line item is a model. */
export default async function costs (app: FastifyInstance, { ledger }: { readonly ledger: Pick<Ledger, 'usage'> }): Promise<void> {
  app.get<{ Querystring: Static<typeof CostsQuery> }>('/v1/organization/costs', { schema: { querystring: CostsQuery } }, async ({ query }) =>
    bucketsOf(await ledger.usage({
      ...spanOf(query),
      width: 'day',
      groupBy: (query.group_by ?? []).map(name => groups[name]),
      projectIds: query.project_ids ?? null,
      keyIds: query.api_key_ids ?? null,
      models: query.line_items ?? null,
      endpoints: null,
      limit: query.limit
    }), costsResult))
}

/** `num_unpriced_requests` is Tollgate's own: requests whose model has no price, which the amount leaves out. */
export function costsResult ({ projectId, keyId, model, costNanoUsd, unpriced }: UsageResult) {
  return {
    object: 'organization.costs.result' as const,
    amount: { value: usdOf(costNanoUsd), currency: 'usd' },
    line_item: model,
    project_id: projectId,
    api_key_id: keyId,
    quantity: null,
    quantity_unit: null,
    num_unpriced_requests: unpriced
  }
}
