import type { FastifyInstance } from 'fastify'
import type { UsageResult } from '../../metering/usage.ts'
import type { Ledger } from '../../stores/ledger.ts'
import { bucketsOf, UsageParamsSchema, usageQueryOf } from './usage-schema.ts'
import type { UsageParams } from './usage-schema.ts'

/** `/v1/organization/usage/*`: tokens and requests, read from the ledger. */
export default async function usage (app: FastifyInstance, { ledger }: { readonly ledger: Pick<Ledger, 'usage'> }): Promise<void> {
  app.get<{ Querystring: UsageParams }>('/v1/organization/usage/completions', { schema: { querystring: UsageParamsSchema } }, async ({ query }) =>
    bucketsOf(await ledger.usage({ ...usageQueryOf(query), endpoints: ['chat.completions', 'responses'] }), completionsResult))

  app.get<{ Querystring: UsageParams }>('/v1/organization/usage/embeddings', { schema: { querystring: UsageParamsSchema } }, async ({ query }) =>
    bucketsOf(await ledger.usage({ ...usageQueryOf(query), endpoints: ['embeddings'] }), embeddingsResult))
}

/** `num_cached_answers`, `output_reasoning_tokens` and `num_unpriced_requests` are Tollgate's own. */
export function completionsResult (result: UsageResult) {
  return {
    object: 'organization.usage.completions.result' as const,
    ...common(result),
    input_cached_tokens: result.cachedInputTokens,
    input_uncached_tokens: Math.max(0, result.inputTokens - result.cachedInputTokens),
    input_cache_write_tokens: result.cacheWriteTokens,
    input_audio_tokens: result.audioInputTokens,
    output_tokens: result.outputTokens,
    output_audio_tokens: result.audioOutputTokens,
    output_reasoning_tokens: result.reasoningTokens,
    batch: null,
    service_tier: null,
    num_cached_answers: result.hits,
    num_unpriced_requests: result.unpriced
  }
}

export function embeddingsResult (result: UsageResult) {
  return { object: 'organization.usage.embeddings.result' as const, ...common(result) }
}

/** Users do not exist here: keys belong to service accounts. */
function common ({ projectId, keyId, model, inputTokens, requests }: UsageResult) {
  return { input_tokens: inputTokens, num_model_requests: requests, project_id: projectId, user_id: null, api_key_id: keyId, model }
}
