import { nanoUsdOf } from './money.ts'
import type { PriceEntry } from './pricing.ts'

/**
 * Prices that ship with the release: US dollars per million tokens, standard tier, text unless said otherwise.
 * They are never fetched; the configuration overrides them. AIMLAPI names its price in most answers, and that figure is what is
 * billed: for it these prices only size the reservation.
 *
 * A new price is a new line with a later date, never a change of an old one, so that a past month keeps its sums.
 */

/** [model, from, input, cached input, output, reasons to doubt it] */
type Line = readonly [model: string, effectiveFrom: string, input: number, cachedInput: number | null, output: number, doubt?: string]

/** The provider's own announcements and price page, as known in January 2026. */
const known: readonly Line[] = [
  ['gpt-5.2', '2025-12-11', 1.75, 0.175, 14],
  ['gpt-5.2-chat-latest', '2025-12-11', 1.75, 0.175, 14],
  ['gpt-5.2-pro', '2025-12-11', 21, null, 168],
  ['gpt-5.1', '2025-11-13', 1.25, 0.125, 10],
  ['gpt-5.1-chat-latest', '2025-11-13', 1.25, 0.125, 10],
  ['gpt-5.1-codex', '2025-11-13', 1.25, 0.125, 10],
  ['gpt-5.1-codex-mini', '2025-11-13', 0.25, 0.025, 2],
  ['gpt-5', '2025-08-07', 1.25, 0.125, 10],
  ['gpt-5-chat-latest', '2025-08-07', 1.25, 0.125, 10],
  ['gpt-5-codex', '2025-09-23', 1.25, 0.125, 10],
  ['gpt-5-mini', '2025-08-07', 0.25, 0.025, 2],
  ['gpt-5-nano', '2025-08-07', 0.05, 0.005, 0.4],
  ['gpt-5-pro', '2025-10-06', 15, null, 120],
  ['gpt-4.1', '2025-04-14', 2, 0.5, 8],
  ['gpt-4.1-mini', '2025-04-14', 0.4, 0.1, 1.6],
  ['gpt-4.1-nano', '2025-04-14', 0.1, 0.025, 0.4],
  ['gpt-4.5-preview', '2025-02-27', 75, 37.5, 150],
  ['gpt-4o', '2024-10-02', 2.5, 1.25, 10],
  ['gpt-4o-2024-05-13', '2024-05-13', 5, null, 15],
  ['chatgpt-4o-latest', '2024-08-15', 5, null, 15],
  ['gpt-4o-mini', '2024-07-18', 0.15, 0.075, 0.6],
  ['o1', '2024-12-17', 15, 7.5, 60],
  ['o1-pro', '2025-03-19', 150, null, 600],
  ['o3', '2025-04-16', 10, 2.5, 40],
  ['o3', '2025-06-10', 2, 0.5, 8],
  ['o3-pro', '2025-06-10', 20, null, 80],
  ['o3-mini', '2025-01-31', 1.1, 0.55, 4.4],
  ['o4-mini', '2025-04-16', 1.1, 0.275, 4.4],
  ['gpt-4-turbo', '2024-04-09', 10, null, 30],
  ['gpt-4-turbo-preview', '2023-11-06', 10, null, 30],
  ['gpt-4-1106-preview', '2023-11-06', 10, null, 30],
  ['gpt-4-0125-preview', '2024-01-25', 10, null, 30],
  ['gpt-4', '2023-03-14', 30, null, 60],
  ['gpt-4-32k', '2023-03-14', 60, null, 120],
  ['gpt-3.5-turbo', '2024-02-16', 0.5, null, 1.5],
  ['gpt-3.5-turbo-0125', '2024-02-16', 0.5, null, 1.5],
  ['gpt-3.5-turbo-1106', '2023-11-06', 1, null, 2],
  ['text-embedding-3-small', '2024-01-25', 0.02, null, 0],
  ['text-embedding-3-large', '2024-01-25', 0.13, null, 0],
  ['text-embedding-ada-002', '2023-06-13', 0.1, null, 0]
]

/** Seen in third parties' tables only (November 2026). Check them against your invoice, or override them. */
const doubtful: readonly Line[] = [
  ['gpt-5.4', '2026-03-05', 2.5, 0.25, 15, 'short context only; longer prompts are said to cost more'],
  ['gpt-5.5', '2026-04-23', 5, 0.5, 30, 'one source']
]

/** Audio tokens cost more than text. */
const audio: readonly PriceEntry[] = [
  { ...entry(['gpt-4o-audio-preview', '2024-10-01', 2.5, null, 10]), audioInput: nanoUsdOf(100), audioOutput: nanoUsdOf(200) },
  { ...entry(['gpt-4o-audio-preview', '2024-12-17', 2.5, null, 10]), audioInput: nanoUsdOf(40), audioOutput: nanoUsdOf(80) },
  { ...entry(['gpt-4o-mini-audio-preview', '2024-12-17', 0.15, null, 0.6]), audioInput: nanoUsdOf(10), audioOutput: nanoUsdOf(20) }
]

/** AIMLAPI charges five percent more: $1.3125 for `gpt-5.1` where OpenAI takes $1.25 (its price page, August 2026). Assumed of the others. */
const aimlapiPerMille = 1050

export const openaiPrices: readonly PriceEntry[] = [...known.map(entry), ...doubtful.map(entry), ...audio]

export const aimlapiPrices: readonly PriceEntry[] = openaiPrices.map(markedUp)

function entry ([model, effectiveFrom, input, cachedInput, output]: Line): PriceEntry {
  const price = { model, effectiveFrom, input: nanoUsdOf(input), output: nanoUsdOf(output) }
  return cachedInput === null ? price : { ...price, cachedInput: nanoUsdOf(cachedInput) }
}

function markedUp (price: PriceEntry): PriceEntry {
  const { cachedInput, audioInput, audioOutput } = price
  return {
    ...price,
    input: raised(price.input),
    output: raised(price.output),
    ...(cachedInput !== undefined && { cachedInput: raised(cachedInput) }),
    ...(audioInput !== undefined && { audioInput: raised(audioInput) }),
    ...(audioOutput !== undefined && { audioOutput: raised(audioOutput) })
  }
}

function raised (price: number): number {
  return Math.round(price * aimlapiPerMille / 1000)
}
