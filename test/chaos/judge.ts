import type { Evidence, Row, Truth } from './evidence.ts'
import type { Call } from './load.ts'
import { deadlineMs } from './stand.ts'

/**
 * What a scenario comes to. A request is known by its name: its caller asked for it as a model, so the upstream's record and the
 * ledger's rows have it, also where no request id ever reached the caller.
 */
export interface Figures {
  /** Requests that callers sent, whatever became of them. Those that were refused have no row. */
  readonly sent: number
  /** Requests billed by the provider's own numbers. */
  readonly exact: number
  /** Requests billed by what had come of an answer that was cut. */
  readonly partial: number
  /** Requests that nobody settled before their lease ran out, billed by what was last seen of them. */
  readonly estimated: number
  /** Requests that were admitted and consumed nothing. */
  readonly void: number
  /** Requests that the upstream worked for, and that nobody is billed for. */
  readonly lost: number
  /**
   * Requests that are billed more than once (under one rid or several), that are billed as answered and never came to the upstream, or
   * that came to it more than once.
   */
  readonly doubled: number
  /** Nano-USD: what the project `tight` was billed in all, beyond its budget. */
  readonly overspent: number
}

export interface Verdict {
  readonly figures: Figures
  /** Everything that must not be, in words. Empty: passed. */
  readonly faults: readonly string[]
}

const longestRestMs = 40_000
/** A caller may wait so much longer than the deadline, ms. */
const graceMs = 1_000

/** Compares what the ledger says with what the upstream did and what callers saw. */
export function judge (evidence: Evidence): Verdict {
  const requests = requestsOf(evidence)
  const lost = requests.filter(isLost)
  const doubled = requests.filter(isDoubled)
  const overspent = Math.max(0, sum(evidence.rows.filter(({ projectId }) => projectId === 'proj_tight'), ({ costNanoUsd }) => costNanoUsd ?? 0) - evidence.budget)
  const figures = {
    sent: evidence.calls.length,
    exact: requests.filter(isExact).length,
    partial: requests.filter(({ bills }) => bills.some(({ source }) => source === 'partial')).length,
    estimated: requests.filter(request => !isExact(request) && request.bills.some(({ source }) => source === 'estimated')).length,
    void: requests.filter(({ rows }) => rows.some(({ kind }) => kind === 'void')).length,
    lost: lost.length,
    doubled: doubled.length,
    overspent
  }
  return {
    figures,
    faults: [
      ...lost.map(request => `lost: ${describe(request)}`),
      ...doubled.map(request => `doubled: ${describe(request)}`),
      ...overspent > 0 ? [`overspent by ${overspent} of ${evidence.budget} nano-USD`] : [],
      ...requests.filter(isUnequal).map(request => `not what the upstream says: ${describe(request)}`),
      ...requests.filter(isAnsweredInexactly).map(request => `answered whole, and not billed exactly: ${describe(request)}`),
      ...requests.filter(isUnderAnotherId).map(request => `billed under another id than its caller was told: ${describe(request)}`),
      ...evidence.calls.filter(({ tookMs }) => tookMs > deadlineMs + graceMs).map(call => `kept waiting: ${JSON.stringify(call)}`),
      ...evidence.calls.filter(({ code }) => code === 'invalid_api_key').map(call => `taken for a stranger: ${JSON.stringify(call)}`),
      ...evidence.restMs > longestRestMs ? [`not at rest after ${Math.round(evidence.restMs)} ms`] : [],
      ...evidence.calls.some(({ code }) => code === 'insufficient_quota') ? [] : ['the budget was never reached'],
      ...evidence.differences
    ]
  }
}

/** One request from its three sides. */
interface Request {
  readonly call: Call
  readonly truths: readonly Truth[]
  readonly rows: readonly Row[]
  /** Rows that cost somebody something, without corrections. */
  readonly bills: readonly Row[]
}

function requestsOf ({ calls, truths, rows }: Evidence): Request[] {
  const truthsOf = Map.groupBy(truths, ({ model }) => model)
  const rowsOf = Map.groupBy(rows, ({ model }) => model)
  return calls.map(call => {
    const own = rowsOf.get(call.name) ?? []
    return { call, truths: truthsOf.get(call.name) ?? [], rows: own, bills: own.filter(({ kind }) => kind === 'settled' || kind === 'estimated' || kind === 'hit') }
  })
}

function isLost ({ truths, bills }: Request): boolean {
  return truths.some(({ prompt_tokens: tokens }) => tokens > 0) && bills.length === 0
}

function isDoubled ({ truths, bills }: Request): boolean {
  return bills.length > 1 || truths.length > 1 || (truths.length === 0 && bills.some(({ kind }) => kind === 'settled'))
}

/** By a settlement, or by the correction of an estimate. */
function isExact ({ rows }: Request): boolean {
  return rows.some(({ kind, source }) => source === 'provider' && (kind === 'settled' || kind === 'correction'))
}

function isUnequal (request: Request): boolean {
  const { rows, truths } = request
  return isExact(request) && (
    sum(rows, ({ usage }) => usage.inputTokens) !== sum(truths, truth => truth.prompt_tokens) ||
    sum(rows, ({ usage }) => usage.outputTokens) !== sum(truths, truth => truth.completion_tokens))
}

/** A settlement comes before its caller's last byte, so that whoever has the whole answer has paid for it. */
function isAnsweredInexactly (request: Request): boolean {
  return request.call.ending === 'answered' && !isExact(request)
}

function isUnderAnotherId ({ call, rows }: Request): boolean {
  return call.rid !== null && rows.some(({ rid }) => rid !== call.rid)
}

function describe ({ call, truths, rows }: Request): string {
  return JSON.stringify({ call, truths, rows: rows.map(({ kind, source, rid, status, usage }) => [kind, source, status, rid, usage.inputTokens, usage.outputTokens]) })
}

function sum<Item> (items: readonly Item[], amount: (item: Item) => number): number {
  return items.reduce((total, item) => total + amount(item), 0)
}
