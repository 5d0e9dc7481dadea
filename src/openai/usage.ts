/** What one answer consumed, in the provider's own numbers. Tokens are counts; cost is integer nano-USD. */
export interface Usage {
  /** All input tokens, cached ones included. */
  readonly inputTokens: number
  readonly cachedInputTokens: number
  readonly cacheWriteTokens: number
  readonly audioInputTokens: number
  /** All output tokens, reasoning ones included. */
  readonly outputTokens: number
  readonly reasoningTokens: number
  readonly audioOutputTokens: number
  /** The provider's own price in nano-USD, where it names one (AIMLAPI: `meta.usage.usd_spent`), else null. */
  readonly costNanoUsd: number | null
}
