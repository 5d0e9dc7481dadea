import type { Endpoint } from '../openai/call.ts'
import { addAmounts, amountNames, noAmounts } from './amounts.ts'
import type { AmountName, Amounts } from './amounts.ts'

export type UsageWidth = 'minute' | 'hour' | 'day'
export type UsageGroup = 'project' | 'key' | 'model'

/** What was used between two moments, in buckets. A filter that is null lets everything through. Times are ms, UTC. */
export interface UsageQuery {
  readonly startMs: number
  /** Exclusive. */
  readonly endMs: number
  readonly width: UsageWidth
  readonly groupBy: readonly UsageGroup[]
  readonly projectIds: readonly string[] | null
  readonly keyIds: readonly string[] | null
  readonly models: readonly string[] | null
  readonly endpoints: readonly Endpoint[] | null
  /** Most buckets of this page. */
  readonly limit: number
}

/** Sums of one key, model and endpoint within one minute or hour: what stores keep. A request counts where its rid was minted. */
export interface UsageCell {
  readonly projectId: string
  readonly startMs: number
  readonly endpoint: Endpoint
  readonly keyId: string
  readonly model: string
  readonly amounts: Amounts
}

export interface UsageResult extends Readonly<Record<AmountName, number>> {
  /** Null where the query does not group by it. */
  readonly projectId: string | null
  readonly keyId: string | null
  readonly model: string | null
}

export interface UsageBucket {
  readonly startMs: number
  readonly endMs: number
  /** Empty when nothing was used. */
  readonly results: readonly UsageResult[]
}

export interface UsagePage {
  readonly buckets: readonly UsageBucket[]
  /** Where the next page starts; null: this was the last one. */
  readonly nextStartMs: number | null
}

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

const widths: Readonly<Record<UsageWidth, number>> = { minute: minuteMs, hour: hourMs, day: dayMs }

/** How long stores keep sums by the minute, and by the hour, ms. */
export const minutesKeptMs = 3 * dayMs
export const hoursKeptMs = 400 * dayMs

/** The span that a page of the query reads, ms. */
export function spanOf ({ startMs, endMs, width, limit }: UsageQuery): { readonly startMs: number, readonly endMs: number } {
  const size = widths[width]
  const start = floorTo(startMs, size)
  return { startMs: start, endMs: Math.min(start + limit * size, Math.ceil(endMs / size) * size) }
}

/** The page of buckets that the cells of its span fill. */
export function usagePage (query: UsageQuery, cells: Iterable<UsageCell>): UsagePage {
  const { startMs, endMs } = spanOf(query)
  const size = widths[query.width]
  const wanted = filterOf(query)
  const buckets = new Map<number, Map<string, Group>>()
  for (let start = startMs; start < endMs; start += size) buckets.set(start, new Map())
  for (const cell of cells) {
    const bucket = buckets.get(floorTo(cell.startMs, size))
    if (bucket !== undefined && wanted(cell)) addAmounts(groupOf(bucket, cell, query.groupBy).sum, cell.amounts)
  }
  return {
    buckets: [...buckets].map(([start, groups]) => ({ startMs: start, endMs: start + size, results: [...groups.values()].map(resultOf) })),
    nextStartMs: endMs < query.endMs ? endMs : null
  }
}

interface Group {
  readonly projectId: string | null
  readonly keyId: string | null
  readonly model: string | null
  readonly sum: number[]
}

function groupOf (bucket: Map<string, Group>, cell: UsageCell, groupBy: readonly UsageGroup[]): Group {
  const projectId = groupBy.includes('project') ? cell.projectId : null
  const keyId = groupBy.includes('key') ? cell.keyId : null
  const model = groupBy.includes('model') ? cell.model : null
  const name = JSON.stringify([projectId, keyId, model])
  let group = bucket.get(name)
  if (group === undefined) {
    group = { projectId, keyId, model, sum: noAmounts() }
    bucket.set(name, group)
  }
  return group
}

function resultOf ({ projectId, keyId, model, sum }: Group): UsageResult {
  const amounts = Object.fromEntries(amountNames.map((name, index) => [name, sum[index] ?? 0])) as Record<AmountName, number>
  return { projectId, keyId, model, ...amounts }
}

function filterOf ({ projectIds, keyIds, models, endpoints }: UsageQuery): (cell: UsageCell) => boolean {
  return ({ projectId, keyId, model, endpoint }) => passes(projectIds, projectId) && passes(keyIds, keyId) &&
    passes(models, model) && passes(endpoints, endpoint)
}

function passes<Value> (allowed: readonly Value[] | null, value: Value): boolean {
  return allowed === null || allowed.includes(value)
}

export function floorTo (ms: number, size: number): number {
  return Math.floor(ms / size) * size
}
