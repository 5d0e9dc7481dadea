import type { Endpoint } from './call.ts'
import { objectOrEmpty } from './json.ts'
import { chatEvents } from './replay-chat.ts'
import { responseEvents } from './replay-response.ts'

/**
 * The stream of a stored answer, whole: the same bytes every time, from which every client rebuilds the stored object.
 *
 * @param answer the stored object's JSON
 * @param includeUsage whether a chat completion's caller asked for the usage chunk
 */
export function replay (endpoint: Endpoint, answer: Buffer, includeUsage: boolean): Buffer {
  const object = objectOrEmpty(JSON.parse(answer.toString()))
  const events = endpoint === 'responses' ? responseEvents(object).map(namedEvent) : chatEvents(object, includeUsage).map(unnamedEvent)
  return Buffer.from(`${events.join('')}data: [DONE]\n\n`)
}

/** Chat events must not be named: openai-node 4 would hand out wrappers instead of chunks. */
function unnamedEvent (chunk: object): string {
  return `data: ${JSON.stringify(chunk)}\n\n`
}

function namedEvent (event: { readonly type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
