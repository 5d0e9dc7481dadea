import type { Usage } from '../openai/usage.ts'
import { noUsage } from './outcome.ts'
import { costOf } from './pricing.ts'
import type { Price } from './pricing.ts'
import type { Reservation, Seen } from './reservation.ts'
import type { Outcome } from './row.ts'

/** Bytes of generated text that make a token where the provider does not say: the average of English (o200k). */
const bytesPerToken = 4

/** The provider's own numbers. Its own figure for the cost wins over the price table. */
export function billedByProvider (usage: Usage, price: Price | null, status: string): Outcome {
  const costNanoUsd = usage.costNanoUsd ?? (price === null ? null : costOf(price, usage))
  return { usage, costNanoUsd, source: 'provider', status }
}

/** What nobody knows yet: all that was reserved, so that nothing is spent twice meanwhile. */
export function billedAsReserved ({ tokens, costNanoUsd, seen }: Reservation, price: Price | null, status: string): Outcome {
  const usage = { ...noUsage, inputTokens: seen.inputTokens, outputTokens: Math.max(0, tokens - seen.inputTokens) }
  return { usage, costNanoUsd: price === null ? null : costNanoUsd, source: 'estimated', status }
}

/** An answer without usage, or one that was cut short: the prompt as estimated, and the text that came. */
export function billedBySeen (seen: Seen, outputBytes: number, price: Price | null, source: 'estimated' | 'partial', status: string): Outcome {
  const usage = { ...noUsage, inputTokens: seen.inputTokens, outputTokens: tokensOfBytes(outputBytes) }
  return { usage, costNanoUsd: price === null ? null : costOf(price, usage), source, status }
}

export function tokensOfBytes (bytes: number): number {
  return Math.ceil(bytes / bytesPerToken)
}
