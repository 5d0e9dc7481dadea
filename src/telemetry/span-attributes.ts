import type { Attributes } from '@opentelemetry/api'
import { errorReason } from '../openai/error-class.ts'
import type { Endpoint } from '../openai/call.ts'
import type { Outcome } from '../upstream/exchange.ts'
import type { RequestFacts } from './request-facts.ts'

/**
 * The names of OpenTelemetry's semantic conventions, in one place, for those of generative AI still move (semantic-conventions-genai,
 * "Development", November 2026). Counts that are not known are not reported, as it asks; contents never are.
 */

const operations: Readonly<Record<Endpoint, string>> = { 'chat.completions': 'chat', responses: 'chat', embeddings: 'embeddings' }

/** `chat gpt-4o` */
export function modelSpanName ({ endpoint, model }: RequestFacts): string {
  return `${endpoint === null ? 'call' : operations[endpoint]} ${model}`
}

/** Of the span of one model call, when it begins. */
export function modelSpanStart ({ endpoint, model, stream }: RequestFacts): Attributes {
  return {
    'gen_ai.operation.name': endpoint === null ? undefined : operations[endpoint],
    'gen_ai.request.model': model ?? undefined,
    'gen_ai.request.stream': stream
  }
}

/** Of the same span, when the call has ended. */
export function modelSpanEnd ({ upstream, upstreamModel, usage, answerId, firstByteMs, attempts, error }: Outcome): Attributes {
  return {
    'gen_ai.provider.name': upstream,
    'gen_ai.response.model': upstreamModel ?? undefined,
    'gen_ai.response.id': answerId ?? undefined,
    'gen_ai.response.time_to_first_chunk': firstByteMs === null ? undefined : firstByteMs / 1000,
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage?.cachedInputTokens,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoningTokens,
    'tollgate.attempts': attempts,
    'error.type': error === null ? undefined : errorReason(error.code)
  }
}

/** Of the span of a whole request, when it has ended. */
export function requestSpanEnd (facts: RequestFacts): Attributes {
  const { error, left } = facts
  return {
    'http.request.method': facts.method,
    'http.route': facts.route ?? undefined,
    'http.response.status_code': facts.status,
    'error.type': error === null ? (left ? 'client_left' : undefined) : errorReason(error.code),
    'tollgate.request_id': facts.id,
    'tollgate.project': facts.projectId ?? undefined,
    'tollgate.cache': facts.cache ?? undefined,
    'tollgate.cost_nano_usd': facts.costNanoUsd ?? undefined,
    'tollgate.overhead_ms': facts.overheadMs ?? undefined
  }
}
