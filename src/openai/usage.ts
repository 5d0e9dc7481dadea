import type { Endpoint } from './call.ts'
import { scaledInteger } from './decimal.ts'
import { isObject, objectOrEmpty } from './json.ts'
import type { Json } from './json.ts'
import { topLevelMember } from './tail-member.ts'

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
  /** The provider's own price in nano-USD, where it names one (AIMLAPI: `meta.usage.usd_spent`, or a header), else null. */
  readonly costNanoUsd: number | null
}

/** $1 = 2,000,000 credits (AIMLAPI, "How can I track my funds"). */
const NANO_USD_PER_CREDIT = 500
/**
 * No answer consumes as much. An upstream that says so is broken, and must not break the ledger: its sums are exact, and can be
 * stored, below 2^53 only.
 */
const MAX_TOKENS = 2 ** 31 - 1
const MAX_NANO_USD = 1e15

/** AIMLAPI's price of a JSON answer, US dollars. It is beside `meta.usage`, and there also where that is not. */
export const costHeader = 'x-aimlapi-usd-spent'

/**
 * The usage in the body of a JSON answer: chat completion, response or embeddings, with AIMLAPI's own price where the body
 * names it, or else the answer's `costHeader` (`spent`). Null when the body does not say what was consumed. Only its end is
 * read.
 */
export function usageOfBody (endpoint: Endpoint, body: Buffer, spent?: unknown): Usage | null {
  const usage = topLevelMember(body, 'usage')
  const meta = topLevelMember(body, 'meta')
  return readUsage(endpoint, usage, readCost(meta) ?? believable(nanoUsd(spent)))
}

/**
 * Reads a `usage` object. Null when it does not say how many tokens went in or, where the endpoint generates text, how many
 * came out: an unknown number is not zero, and one beyond two billion is not known. A part (cached, reasoning, audio) that is no count
 * is none, and no part exceeds its whole.
 */
export function readUsage (endpoint: Endpoint, usage: unknown, costNanoUsd: number | null): Usage | null {
  if (!isObject(usage)) return null
  const inputTokens = count(usage.prompt_tokens) ?? count(usage.input_tokens)
  const answerTokens = endpoint === 'embeddings' ? 0 : count(usage.completion_tokens) ?? count(usage.output_tokens)
  if (inputTokens === null || answerTokens === null) return null
  const input = objectOrEmpty(usage.prompt_tokens_details ?? usage.input_tokens_details)
  const output = objectOrEmpty(usage.completion_tokens_details ?? usage.output_tokens_details)
  const outputTokens = answerTokens + reasoningApart(usage, output, inputTokens + answerTokens)
  const cachedInputTokens = part(input.cached_tokens, inputTokens)
  return {
    inputTokens,
    cachedInputTokens,
    cacheWriteTokens: part(input.cache_write_tokens, inputTokens - cachedInputTokens),
    audioInputTokens: part(input.audio_tokens, inputTokens),
    outputTokens,
    reasoningTokens: part(output.reasoning_tokens, outputTokens),
    audioOutputTokens: part(output.audio_tokens, outputTokens),
    costNanoUsd
  }
}

/** The provider's price in AIMLAPI's `meta` object, in nano-USD. Null when it names none, or more than a million dollars. */
export function readCost (meta: unknown): number | null {
  const { usd_spent: dollars, credits_used: credits } = objectOrEmpty(objectOrEmpty(meta).usage)
  return believable(nanoUsd(dollars) ?? nanoUsdOfCredits(credits))
}

/** US dollars as integer nano-USD, exactly as spelled (`0.001240000` → 1,240,000). Null for what is no amount: negative, not finite, beyond 2^53. */
export function nanoUsd (dollars: unknown): number | null {
  return typeof dollars === 'number' || typeof dollars === 'string' ? scaledInteger(String(dollars).trim(), 9) : null
}

function nanoUsdOfCredits (credits: unknown): number | null {
  return isCount(credits) && isCount(credits * NANO_USD_PER_CREDIT) ? credits * NANO_USD_PER_CREDIT : null
}

function believable (costNanoUsd: number | null): number | null {
  return costNanoUsd !== null && costNanoUsd <= MAX_NANO_USD ? costNanoUsd : null
}

/** Some providers leave reasoning out of `completion_tokens`; their total gives it away. */
function reasoningApart (usage: Json, output: Json, total: number): number {
  const reasoning = count(output.reasoning_tokens) ?? 0
  return usage.total_tokens === total + reasoning ? reasoning : 0
}

function part (value: unknown, whole: number): number {
  return Math.min(count(value) ?? 0, whole)
}

function count (value: unknown): number | null {
  return isCount(value) && value <= MAX_TOKENS ? value : null
}

function isCount (value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
