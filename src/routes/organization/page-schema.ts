import Type, { type Static } from 'typebox'
import type { Page, PageQuery } from '../../stores/directory.ts'

/** Bounds as in OpenAI's API. */
export const limitOf = (fallback: number, maximum = 100) => Type.Integer({ minimum: 1, maximum, default: fallback })
export const AfterQuery = Type.Optional(Type.String({ minLength: 1, maxLength: 256 }))
export const OrderQuery = (fallback: 'asc' | 'desc') => Type.Enum(['asc', 'desc'], { default: fallback })

export const ListQuerySchema = Type.Object({ after: AfterQuery, limit: limitOf(20) }, { additionalProperties: false })
export type ListQuery = Static<typeof ListQuerySchema>

/** OpenAI's list of objects. */
export interface ObjectList<Item> {
  readonly object: 'list'
  readonly data: Item[]
  readonly first_id: string
  readonly last_id: string
  readonly has_more: boolean
}

/** Newest first, as OpenAI lists. */
export function pageOf ({ after, limit }: ListQuery): PageQuery {
  return { after, limit, order: 'desc' }
}

/** Lists without objects have empty ids: the SDKs' types know no null. */
export function listOf<Item extends { readonly id: string }> (items: readonly Item[], hasMore: boolean): ObjectList<Item> {
  return { object: 'list', data: [...items], first_id: items[0]?.id ?? '', last_id: items.at(-1)?.id ?? '', has_more: hasMore }
}

export function listOfPage<Stored, Item extends { readonly id: string }> ({ data, hasMore }: Page<Stored>, toItem: (stored: Stored) => Item): ObjectList<Item> {
  return listOf(data.map(toItem), hasMore)
}
