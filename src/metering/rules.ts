/** What a limit counts. Rates and days are GCRA buckets, concurrency counts open reservations, spend is nano-USD a calendar month. */
export type Metric = 'requests_per_minute' | 'tokens_per_minute' | 'requests_per_day' | 'concurrency' | 'spend_per_month'

export type Scope = 'organization' | 'project' | 'key'

/** One limit, as the ledger is asked to hold it. The caller passes the rules that apply to a request. */
export interface LimitRule {
  /** Names the limiter's state, within the project: a rule that keeps its id keeps its state. */
  readonly id: string
  /** `organization` is for spend only. */
  readonly scope: Scope
  /** The model it is for, or `*`. For people: it is not looked at here. */
  readonly model: string
  readonly metric: Metric
  /** Requests, tokens, open requests or nano-USD. */
  readonly limit: number
  /** Counts and reports, and never denies. */
  readonly shadow?: boolean
}

const minuteMicros = 60_000_000
const dayMicros = 24 * 60 * minuteMicros

/** The time in which an empty bucket fills, µs; 0 for limits that are no buckets. */
export function windowMicros (metric: Metric): number {
  switch (metric) {
    case 'requests_per_minute':
    case 'tokens_per_minute':
      return minuteMicros
    case 'requests_per_day':
      return dayMicros
    case 'concurrency':
    case 'spend_per_month':
      return 0
  }
}

/** Under which name the project keeps the limiter's state: each key has its own of a key's rule. */
export function limiterOf (rule: LimitRule, keyId: string): string {
  return rule.scope === 'key' ? `${rule.id}:${keyId}` : rule.id
}

/** Whose spend a rule of the project or of a key is checked against: `''` is the project. */
export function spenderOf (rule: LimitRule, keyId: string): string {
  return rule.scope === 'key' ? keyId : ''
}
