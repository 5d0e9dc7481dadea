import type { JsonObject } from './json.ts'
import { hashOf } from './text.ts'

/** Log probabilities: one entry a streamed piece, with so many likely alternatives, the piece itself first. */
export function logprobsOf (pieces: Iterable<string>, alternatives: number): readonly JsonObject[] {
  return Array.from(pieces, piece => ({
    ...entry(piece, likelihood(piece)),
    top_logprobs: Array.from({ length: alternatives }, (_, rank) =>
      rank === 0 ? entry(piece, likelihood(piece)) : entry(`${piece}~${rank}`, likelihood(piece) - rank))
  }))
}

function entry (token: string, logprob: number): JsonObject {
  return { token, logprob, bytes: [...Buffer.from(token)] }
}

function likelihood (piece: string): number {
  return -(hashOf(piece) % 1000) / 1000
}
