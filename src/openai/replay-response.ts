import { objectsIn } from './json.ts'
import type { Json } from './json.ts'
import { itemEvents } from './replay-item.ts'
import type { StreamedEvent } from './replay-item.ts'

/**
 * A response as its ladder of events, numbered from 0. Each text comes in one delta between the events that open and close it:
 * openai-node's accumulator refuses a delta before them, and the AI SDK takes text from deltas alone.
 */
export function responseEvents (response: Json): readonly StreamedEvent[] {
  const begun = beginning(response)
  const events: StreamedEvent[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...objectsIn(response.output).flatMap(itemEvents),
    { type: response.status === 'incomplete' ? 'response.incomplete' : 'response.completed', response }
  ]
  return events.map(({ type, ...members }, number) => ({ type, sequence_number: number, ...members }))
}

/** What is not known when a response begins. A member that it never had is not added. */
const unknownYet: Json = { status: 'in_progress', output: [], usage: null, completed_at: null, incomplete_details: null, output_text: '', tool_usage: null }

function beginning (response: Json): Json {
  return Object.fromEntries(Object.entries(response).map(([key, value]) => [key, key in unknownYet ? unknownYet[key] : value]))
}
