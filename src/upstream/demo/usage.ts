import type { JsonObject } from './json.ts'
import type { Magic } from './magic.ts'
import { outputTokens, type Ask, type Reply } from './reply.ts'
import { demoTokens } from './text.ts'

/** Token counts of one answer. */
export interface Counts {
  readonly input: number
  /** Part of `input`. */
  readonly cached: number
  readonly output: number
  /** Part of `output`. */
  readonly reasoning: number
}

/** Of what generated nothing, or failed: failures cost nothing. */
export const noCounts: Counts = { input: 0, cached: 0, output: 0, reasoning: 0 }

export function countsOf (ask: Ask, replies: readonly Reply[]): Counts {
  if (ask.magic?.name === 'demo-failed') return noCounts
  const input = demoTokens(ask.prompt)
  const cachedPercent = ask.magic?.name === 'demo-cached' ? Math.min(ask.magic.number, 100) : 0
  return {
    input,
    cached: Math.floor(input * cachedPercent / 100),
    output: replies.reduce((sum, reply) => sum + outputTokens(reply), 0),
    reasoning: replies.reduce((sum, reply) => sum + demoTokens(reply.reasoning), 0)
  }
}

/** The words of generated text, where a word is two tokens: for how long an answer takes that is not streamed. */
export function wordsIn (counts: Counts): number {
  return Math.ceil(counts.output / 2)
}

/** `usage` of a chat completion. */
export function chatUsage (counts: Counts): JsonObject {
  return {
    prompt_tokens: counts.input,
    completion_tokens: counts.output,
    total_tokens: counts.input + counts.output,
    prompt_tokens_details: { cached_tokens: counts.cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: counts.reasoning, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0
    }
  }
}

/** `usage` of a response. */
export function responseUsage (counts: Counts): JsonObject {
  return {
    input_tokens: counts.input,
    input_tokens_details: { cached_tokens: counts.cached, cache_write_tokens: 0 },
    output_tokens: counts.output,
    output_tokens_details: { reasoning_tokens: counts.reasoning },
    total_tokens: counts.input + counts.output
  }
}

/** AIMLAPI sells 2,000,000 credits for one US dollar; the demo asks one credit (500 nano-USD) a token, in or out. */
const creditsPerUsd = 2_000_000

/** AIMLAPI's `meta`: what the answer cost, in credits and US dollars. Null unless the magic asks for it. */
export function metaOf (magic: Magic | null, counts: Counts): JsonObject | null {
  if (magic?.name !== 'demo-aimlapi-cost') return null
  const tokens = counts.input + counts.output
  return { usage: { credits_used: tokens, usd_spent: tokens / creditsPerUsd } }
}

/** The same as headers, which only JSON answers have: those of a stream leave before its price is known. */
export function priceHeaders (magic: Magic | null, counts: Counts): Record<string, string> {
  if (magic?.name !== 'demo-aimlapi-cost') return {}
  const tokens = counts.input + counts.output
  return { 'x-aimlapi-credits-used': String(tokens), 'x-aimlapi-usd-spent': (tokens / creditsPerUsd).toFixed(9) }
}
