import type { Call } from '../openai/call.ts'
import { worstCostOf } from './pricing.ts'
import type { Price } from './pricing.ts'
import type { Estimate } from './reservation.ts'

/** What a call reserves at worst: its prompt, and `n` times the most that an answer may have. Embeddings answer with no tokens. */
export function estimateOf (call: Call, inputTokens: number, defaultMaxOutputTokens: number, price: Price | null): Estimate {
  const perChoice = call.maxOutputTokens ?? defaultMaxOutputTokens
  const maxOutputTokens = call.endpoint === 'embeddings' ? 0 : perChoice * call.choices
  return {
    inputTokens,
    maxOutputTokens,
    costNanoUsd: price === null ? null : worstCostOf(price, inputTokens, maxOutputTokens),
    promptCostNanoUsd: price === null ? null : worstCostOf(price, inputTokens, 0)
  }
}
