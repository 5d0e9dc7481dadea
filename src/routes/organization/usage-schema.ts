import Type, { type Static } from 'typebox'
import type { UsageBucket, UsageGroup, UsagePage, UsageWidth } from '../../metering/usage.ts'
import { GatewayError } from '../../openai/errors.ts'

export const Seconds = Type.Integer({ minimum: 0, maximum: 1e11 })
export const Names = Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 100 }))

const widths = { '1m': 'minute', '1h': 'hour', '1d': 'day' } as const satisfies Record<string, UsageWidth>
/** Buckets of a page when the query says nothing, and at most; OpenAI's own numbers. */
const limits = { '1m': [60, 1440], '1h': [24, 168], '1d': [7, 31] } as const

const groups = { project_id: 'project', api_key_id: 'key', model: 'model' } as const satisfies Record<string, UsageGroup>

export const UsageParamsSchema = Type.Object({
  start_time: Seconds,
  end_time: Type.Optional(Seconds),
  bucket_width: Type.Enum(['1m', '1h', '1d'], { default: '1d' }),
  project_ids: Names,
  api_key_ids: Names,
  models: Names,
  group_by: Type.Optional(Type.Array(Type.Enum(['project_id', 'api_key_id', 'model']), { maxItems: 3 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440 })),
  page: Type.Optional(Type.String({ minLength: 1, maxLength: 64 }))
}, { additionalProperties: false })
export type UsageParams = Static<typeof UsageParamsSchema>

/** The query of one page, but for the endpoints. */
export function usageQueryOf ({ bucket_width: width, limit, group_by: groupBy = [], ...query }: UsageParams) {
  const [fallback, most] = limits[width]
  if (limit !== undefined && limit > most) throw invalid('limit', `must be at most ${most} with buckets of ${width}`)
  return {
    ...spanOf(query),
    width: widths[width],
    groupBy: groupBy.map(name => groups[name]),
    projectIds: query.project_ids ?? null,
    keyIds: query.api_key_ids ?? null,
    models: query.models ?? null,
    limit: limit ?? fallback
  }
}

interface Span {
  readonly start_time: number
  readonly end_time?: number | undefined
  readonly page?: string | undefined
}

/** From the start, or from where the page before ended, to the end, or to now. Times in ms. */
export function spanOf ({ start_time: start, end_time: end = Math.ceil(Date.now() / 1000), page }: Span): { readonly startMs: number, readonly endMs: number } {
  if (end <= start) throw invalid('end_time', 'must be after the start')
  return { startMs: page === undefined ? start * 1000 : startOfPage(page), endMs: end * 1000 }
}

/** OpenAI's page of buckets. */
export function bucketsOf<Result> ({ buckets, nextStartMs }: UsagePage, toResult: (result: UsageBucket['results'][number]) => Result) {
  return {
    object: 'page' as const,
    data: buckets.map(({ startMs, endMs, results }) => ({
      object: 'bucket' as const,
      start_time: startMs / 1000,
      end_time: endMs / 1000,
      results: results.map(toResult)
    })),
    has_more: nextStartMs !== null,
    next_page: nextStartMs === null ? null : `page_${nextStartMs.toString(36)}`
  }
}

function startOfPage (page: string): number {
  const digits = /^page_([0-9a-z]{1,10})$/.exec(page)?.[1]
  if (digits === undefined) throw invalid('page', 'is not the next_page of an answer')
  return Number.parseInt(digits, 36)
}

export function invalid (param: string, complaint: string): GatewayError {
  return new GatewayError('invalid_value', { param, message: `"${param}" ${complaint}.` })
}
