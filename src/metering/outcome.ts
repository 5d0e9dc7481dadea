import type { Usage } from '../openai/usage.ts'
import type { Reservation } from './reservation.ts'
import type { Outcome } from './row.ts'

export const noUsage: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  audioInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  audioOutputTokens: 0,
  costNanoUsd: null
}

/** Nothing was consumed. `status` says why. */
export function voided (status: string): Outcome {
  return { usage: noUsage, costNanoUsd: 0, source: 'provider', status }
}

/** Answered from the answer store. */
export const hitOutcome: Outcome = { usage: noUsage, costNanoUsd: 0, source: 'provider', status: '200' }

/** What is billed when nobody settled: what was last seen. */
export function presumed ({ seen }: Reservation): Outcome {
  return {
    usage: { ...noUsage, inputTokens: seen.inputTokens, outputTokens: seen.outputTokens },
    costNanoUsd: seen.costNanoUsd,
    source: 'estimated',
    status: 'lease_expired'
  }
}

/** The difference that turns an estimate into what really was. */
export function correctionOf (estimate: Pick<Outcome, 'usage' | 'costNanoUsd'>, actual: Outcome): Outcome {
  const costUnknown = estimate.costNanoUsd === null && actual.costNanoUsd === null
  return {
    usage: difference(actual.usage, estimate.usage),
    costNanoUsd: costUnknown ? null : (actual.costNanoUsd ?? 0) - (estimate.costNanoUsd ?? 0),
    source: actual.source,
    status: actual.status
  }
}

function difference (a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens - b.inputTokens,
    cachedInputTokens: a.cachedInputTokens - b.cachedInputTokens,
    cacheWriteTokens: a.cacheWriteTokens - b.cacheWriteTokens,
    audioInputTokens: a.audioInputTokens - b.audioInputTokens,
    outputTokens: a.outputTokens - b.outputTokens,
    reasoningTokens: a.reasoningTokens - b.reasoningTokens,
    audioOutputTokens: a.audioOutputTokens - b.audioOutputTokens,
    costNanoUsd: null
  }
}
