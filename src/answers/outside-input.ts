import type { ScannedObject } from '../openai/scan.ts'

/** Parts of the input that are not in the request itself, and may be others tomorrow. */
export type OutsideInput = 'file-id' | 'remote-url' | 'stored-item'

/**
 * Without one of these in its text, no body can name anything outside itself. `\u00` may spell any of them.
 * They begin with bytes that are rare in prompts, which makes the search 10 times faster than for `id"`.
 */
const traces = ['"id"', '_id"', '"url"', '_url"', '\\u00']

/**
 * What a request's messages or input items refer to, or null. Only a body that shows a trace is parsed.
 * A key in a tool's JSON schema is no reference, as its value is no string; the model does not read a URL in an
 * annotation of an earlier answer. Throws SyntaxError on strings that are not valid JSON.
 */
export function outsideInput ({ text, members }: ScannedObject): OutsideInput | null {
  const input = members.get('messages') ?? members.get('input')
  if (input === undefined || !traces.some(trace => text.includes(trace))) return null
  return firstReference(JSON.parse(text.slice(input.start, input.end)))
}

/** Walks with a list of its own: a body may be nested deeper than the call stack allows. */
function firstReference (root: unknown): OutsideInput | null {
  const pending = [root]
  while (pending.length > 0) {
    const value = pending.pop()
    if (value === null || typeof value !== 'object') continue
    const members = Object.entries(value)
    if (isOnlyAnId(members)) return 'stored-item'
    for (const [key, child] of members) {
      const reference = referenceOf(key, child)
      if (reference !== null) return reference
      if (key !== 'annotations') pending.push(child)
    }
  }
  return null
}

/** An item reference, whose type may be left out (openai-node 7, `ResponseInputItem.ItemReference`), or earlier audio: `{"id":"…"}`. */
function isOnlyAnId (members: ReadonlyArray<readonly [string, unknown]>): boolean {
  return members.some(([key]) => key === 'id') &&
    members.every(([key, value]) => key === 'id' || (key === 'type' && (value === null || value === 'item_reference')))
}

function referenceOf (key: string, value: unknown): OutsideInput | null {
  if (typeof value !== 'string') return null
  if (key === 'file_id') return 'file-id'
  const isUrl = key === 'url' || key.endsWith('_url')
  return isUrl && !/^data:/i.test(value) ? 'remote-url' : null
}
