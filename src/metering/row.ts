import { hash } from 'node:crypto'
import type { Endpoint } from '../openai/call.ts'
import type { Usage } from '../openai/usage.ts'

/**
 * - `settled`: the answer came, with its usage.
 * - `void`: nothing was consumed.
 * - `estimated`: nobody settled it before its lease ran out; billed by what was last seen of it.
 * - `correction`: what an `estimated` row was off by, when the settlement came after all. Its counts may be negative.
 * - `hit`: answered from the answer store.
 */
export type RowKind = 'settled' | 'void' | 'estimated' | 'correction' | 'hit'

/** Where a row's numbers come from. `partial`: of an answer that was cut, what had come. */
export type UsageSource = 'provider' | 'estimated' | 'partial'

/** How a request ended. */
export interface Outcome {
  readonly usage: Usage
  /** Nano-USD; null: the model has no price. The provider's own figure, where it named one. */
  readonly costNanoUsd: number | null
  readonly source: UsageSource
  /** HTTP status of the answer, or why there was none: `200`, `client_abort`, `upstream_timeout`, … */
  readonly status: string
}

/** One line of the ledger. */
export interface LedgerRow extends Outcome {
  /** 1, 2, 3, … within the project, without gaps. */
  readonly seq: number
  /** When it was written, ms, by the store's clock. */
  readonly at: number
  readonly kind: RowKind
  readonly rid: string
  readonly period: string
  readonly keyId: string
  readonly model: string
  readonly endpoint: Endpoint
}

type RowIdentity = Pick<LedgerRow, 'rid' | 'period' | 'keyId' | 'model' | 'endpoint'>

/** A row's text from its third field on: all that is known before the store gives it its place. */
export function rowTail (kind: RowKind, { rid, period, keyId, model, endpoint }: RowIdentity, { usage, costNanoUsd, source, status }: Outcome): string {
  return `"${kind}","${rid}","${period}",${quoted(keyId)},${quoted(model)},"${endpoint}",${quoted(status)},"${source}",` +
    `${usage.inputTokens},${usage.cachedInputTokens},${usage.cacheWriteTokens},${usage.audioInputTokens},` +
    `${usage.outputTokens},${usage.reasoningTokens},${usage.audioOutputTokens},${costNanoUsd}`
}

/** A whole row, as stores keep it: a JSON array. */
export function rowText (seq: number, at: number, tail: string): string {
  return `[${seq},${at},${tail}]`
}

/** The text that a row was read from. */
export function textOfRow (row: LedgerRow): string {
  return rowText(row.seq, row.at, rowTail(row.kind, row, row))
}

type RowFields = [seq: number, at: number, kind: RowKind, rid: string, period: string, keyId: string, model: string, endpoint: Endpoint,
  status: string, source: UsageSource, input: number, cached: number, cacheWrite: number, audioIn: number,
  output: number, reasoning: number, audioOut: number, cost: number | null]

/** Throws SyntaxError when the text is no row. */
export function parseRow (text: string): LedgerRow {
  const [seq, at, kind, rid, period, keyId, model, endpoint, status, source, inputTokens, cachedInputTokens, cacheWriteTokens,
    audioInputTokens, outputTokens, reasoningTokens, audioOutputTokens, costNanoUsd] = JSON.parse(text) as RowFields
  const usage = {
    inputTokens, cachedInputTokens, cacheWriteTokens, audioInputTokens, outputTokens, reasoningTokens, audioOutputTokens, costNanoUsd: null
  }
  return { seq, at, kind, rid, period, keyId, model, endpoint, status, source, usage, costNanoUsd }
}

/** Kept beside each row, so that `verify` can name one that was altered. Against accidents, not attackers: exports carry a SHA-256 chain. */
export function checkOf (text: string): string {
  return hash('sha1', text).slice(0, 8)
}

const quotes = new Map<string, string>()
const maxQuotes = 10_000

/** JSON.stringify of the few texts that come again and again. */
export function quoted (text: string): string {
  let quote = quotes.get(text)
  if (quote === undefined) {
    quote = JSON.stringify(text)
    if (quotes.size >= maxQuotes) quotes.clear()
    quotes.set(text, quote)
  }
  return quote
}
