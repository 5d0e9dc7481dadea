import type { LedgerRow, Outcome, RowKind } from './row.ts'

/** What is summed up, in this order wherever sums are kept. Tokens, nano-USD and counts. */
export const amountNames = [
  'requests', 'inputTokens', 'cachedInputTokens', 'cacheWriteTokens', 'audioInputTokens', 'outputTokens', 'reasoningTokens', 'audioOutputTokens',
  'costNanoUsd', 'unpriced', 'hits', 'voids'
] as const

export type AmountName = typeof amountNames[number]

/** One number for each of `amountNames`. */
export type Amounts = readonly number[]

const requestKinds: ReadonlySet<RowKind> = new Set(['settled', 'estimated', 'hit'])

/** What a row adds to the sums. A voided request is no request; a correction only moves tokens and cost. */
export function amountsOf (kind: RowKind, { usage, costNanoUsd }: Pick<Outcome, 'usage' | 'costNanoUsd'>): number[] {
  const isRequest = requestKinds.has(kind)
  return [
    isRequest ? 1 : 0,
    usage.inputTokens,
    usage.cachedInputTokens,
    usage.cacheWriteTokens,
    usage.audioInputTokens,
    usage.outputTokens,
    usage.reasoningTokens,
    usage.audioOutputTokens,
    costNanoUsd ?? 0,
    isRequest && costNanoUsd === null ? 1 : 0,
    kind === 'hit' ? 1 : 0,
    kind === 'void' ? 1 : 0
  ]
}

export function amountsOfRow (row: LedgerRow): number[] {
  return amountsOf(row.kind, row)
}

export function noAmounts (): number[] {
  return new Array<number>(amountNames.length).fill(0)
}

export function addAmounts (sum: number[], more: Amounts): void {
  for (let index = 0; index < more.length; index++) sum[index] = (sum[index] ?? 0) + (more[index] ?? 0)
}
