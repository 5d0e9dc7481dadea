import { GatewayError } from '../../openai/errors.ts'
import { listOf } from './page-schema.ts'
import type { ObjectList } from './page-schema.ts'

export interface InMemoryQuery {
  readonly after?: string | undefined
  readonly before?: string | undefined
  readonly limit: number
}

/** A page of a short list that is one record in the store. `before` gives the page that ends there. */
export function inMemoryPage<Item extends { readonly id: string }> (items: readonly Item[], { after, before, limit }: InMemoryQuery): ObjectList<Item> {
  const from = after === undefined ? 0 : placeOf(items, after, 'after') + 1
  const to = before === undefined ? items.length : placeOf(items, before, 'before')
  const start = before === undefined ? from : Math.max(from, to - limit)
  const data = items.slice(start, Math.min(start + limit, to))
  return listOf(data, before === undefined ? start + data.length < to : start > from)
}

function placeOf (items: ReadonlyArray<{ readonly id: string }>, id: string, param: string): number {
  const place = items.findIndex(item => item.id === id)
  if (place < 0) throw new GatewayError('invalid_value', { param, message: `The cursor "${id}" names nothing.` })
  return place
}
