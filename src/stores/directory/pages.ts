import { setImmediate } from 'node:timers/promises'
import type { Page, PageQuery } from '../directory.ts'
import { DirectoryError } from './directory-error.ts'
import { decode } from './kinds.ts'
import type { Kind, ObjectOf, Records, StoredRecord } from './records.ts'

/** So few that the event loop is not held up for long. */
const recordsAtOnce = 500

/** One page of a list. A cursor that names no object is an error: an empty page would look like the end. */
export async function readPage<K extends Kind> (records: Records, kind: K, list: string, query: PageQuery): Promise<Page<ObjectOf[K]>> {
  const after = query.after === undefined ? null : await sequenceOf(records, kind, query.after)
  const found = await records.list(list, { after, limit: query.limit + 1, order: query.order })
  return { data: found.slice(0, query.limit).map(record => decode(kind, record)), hasMore: found.length > query.limit }
}

/** Where an object stands in the order of creation. It keeps its place when it has left the list meanwhile. */
export async function sequenceOf (records: Records, kind: Kind, id: string): Promise<number> {
  const [record] = await records.read([{ kind, id }])
  if (!record) throw new DirectoryError('unknown_cursor', `The cursor "${id}" names nothing.`)
  return record.seq
}

/** One object as it is, or null. */
export async function readOne<K extends Kind> (records: Records, kind: K, id: string): Promise<ObjectOf[K] | null> {
  const [record] = await records.read([{ kind, id }])
  return record ? decode(kind, record) : null
}

/** Every record of a list, read some at a time. */
export async function readAll (records: Records, list: string): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  for (;;) {
    const some = await records.list(list, { after: all.at(-1)?.seq ?? null, limit: recordsAtOnce, order: 'asc' })
    all.push(...some)
    if (some.length < recordsAtOnce) return all
    await setImmediate()
  }
}
