import type { Row } from './table.ts'

export type Group = 'project' | 'key' | 'model'

interface Grouped {
  readonly project_id: string | null
  readonly api_key_id: string | null
}

export interface UsageResult extends Grouped {
  readonly model: string | null
  readonly num_model_requests: number
  readonly input_tokens: number
  readonly output_tokens?: number
  readonly num_cached_answers?: number
  readonly num_unpriced_requests?: number
}

export interface CostResult extends Grouped {
  readonly line_item: string | null
  readonly amount: { readonly value: number }
}

interface Total {
  readonly project: string | null
  readonly key: string | null
  readonly model: string | null
  requests: number
  input: number
  output: number
  hits: number
  usd: number
  unpriced: number
}

export type Totals = Map<string, Total>

export function newTotals (): Totals {
  return new Map()
}

export function addTokens (totals: Totals, result: UsageResult): void {
  const total = totalOf(totals, result, result.model)
  total.requests += result.num_model_requests
  total.input += result.input_tokens
  total.output += result.output_tokens ?? 0
  total.hits += result.num_cached_answers ?? 0
  total.unpriced += result.num_unpriced_requests ?? 0
}

export function addCosts (totals: Totals, result: CostResult): void {
  totalOf(totals, result, result.line_item).usd += result.amount.value
}

/** The dearest first. */
export function rowsOf (totals: Totals, by: readonly Group[]): Row[] {
  return [...totals.values()].sort((one, other) => other.usd - one.usd || other.requests - one.requests).map(total => ({
    ...Object.fromEntries(by.map(group => [group, total[group]])),
    requests: total.requests,
    'input tokens': total.input,
    'output tokens': total.output,
    'stored answers': total.hits,
    // To the nano-dollar, which is what the ledger counts: a single embedding costs less than a millionth.
    usd: Number(total.usd.toFixed(9)),
    // What these cost is not known, and not in the sum.
    'unpriced requests': total.unpriced
  }))
}

function totalOf (totals: Totals, { project_id: project, api_key_id: key }: Grouped, model: string | null): Total {
  const name = JSON.stringify([project, key, model])
  const known = totals.get(name)
  if (known !== undefined) return known
  const total = { project, key, model, requests: 0, input: 0, output: 0, hits: 0, usd: 0, unpriced: 0 }
  totals.set(name, total)
  return total
}
