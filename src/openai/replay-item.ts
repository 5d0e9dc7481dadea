import { objectsIn } from './json.ts'
import type { Json } from './json.ts'

/** One event of a response's stream. */
export type StreamedEvent = Json & { readonly type: string }

/** Where in the response an event belongs. */
type Place = Json & { readonly item_id: unknown, readonly output_index: number }

/** How the texts of an item kind are streamed: the item as it opens, and the events until it is done. */
interface Ladder {
  readonly opening: (item: Json) => Json
  readonly steps: (item: Json, place: Place) => readonly StreamedEvent[]
}

const ladders: Readonly<Record<string, Ladder>> = {
  message: {
    opening: item => ({ ...item, content: [] }),
    steps: ({ content }, place) => contentEvents(content, place)
  },
  reasoning: {
    opening: item => ({ ...item, summary: [], ...('content' in item ? { content: [] } : {}) }),
    steps: ({ summary, content }, place) => [...summaryEvents(summary, place), ...contentEvents(content, place)]
  },
  function_call: {
    opening: item => ({ ...item, arguments: '' }),
    steps: (item, place) => [
      ...deltaEvent('response.function_call_arguments', place, item.arguments),
      { type: 'response.function_call_arguments.done', ...place, name: item.name, arguments: item.arguments }
    ]
  },
  custom_tool_call: {
    opening: item => ({ ...item, input: '' }),
    steps: (item, place) => [
      ...deltaEvent('response.custom_tool_call_input', place, item.input),
      { type: 'response.custom_tool_call_input.done', ...place, input: item.input }
    ]
  }
}

/** An output item's events. One of a kind without a ladder, or without the id that its events would name, opens as it ends. */
export function itemEvents (item: Json, index: number): readonly StreamedEvent[] {
  const ladder = typeof item.id === 'string' ? ladders[String(item.type)] : undefined
  const place = { item_id: item.id, output_index: index }
  return [
    { type: 'response.output_item.added', output_index: index, item: ladder === undefined ? item : opened(ladder.opening(item)) },
    ...(ladder?.steps(item, place) ?? []),
    { type: 'response.output_item.done', output_index: index, item }
  ]
}

function opened (item: Json): Json {
  return 'status' in item ? { ...item, status: 'in_progress' } : item
}

function contentEvents (content: unknown, place: Place): readonly StreamedEvent[] {
  return objectsIn(content).flatMap((part, index) => {
    const partPlace = { ...place, content_index: index }
    return [
      { type: 'response.content_part.added', ...partPlace, part: openedPart(part) },
      ...partSteps(part, partPlace),
      { type: 'response.content_part.done', ...partPlace, part }
    ]
  })
}

function openedPart (part: Json): Json {
  const empty: Json = { text: '', refusal: '', annotations: [], logprobs: [] }
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, key in empty ? empty[key] : value]))
}

function partSteps (part: Json, place: Place): readonly StreamedEvent[] {
  switch (part.type) {
    case 'output_text': return outputTextEvents(part, place)
    case 'refusal': return [
      ...deltaEvent('response.refusal', place, part.refusal),
      { type: 'response.refusal.done', ...place, refusal: part.refusal }
    ]
    case 'reasoning_text': return textEvents('response.reasoning_text', place, part.text)
    default: return []
  }
}

function outputTextEvents ({ text, annotations, logprobs }: Json, place: Place): readonly StreamedEvent[] {
  const details = { logprobs: logprobs ?? [] }
  return [
    ...deltaEvent('response.output_text', place, text, details),
    ...objectsIn(annotations).map((annotation, index) => (
      { type: 'response.output_text.annotation.added', ...place, annotation_index: index, annotation })),
    { type: 'response.output_text.done', ...place, text, ...details }
  ]
}

function summaryEvents (summary: unknown, place: Place): readonly StreamedEvent[] {
  return objectsIn(summary).flatMap((part, index) => {
    const partPlace = { ...place, summary_index: index }
    return [
      { type: 'response.reasoning_summary_part.added', ...partPlace, part: openedPart(part) },
      ...textEvents('response.reasoning_summary_text', partPlace, part.text),
      { type: 'response.reasoning_summary_part.done', ...partPlace, part }
    ]
  })
}

function textEvents (name: string, place: Place, text: unknown): readonly StreamedEvent[] {
  return [...deltaEvent(name, place, text), { type: `${name}.done`, ...place, text }]
}

/** An empty text has no delta, as in OpenAI's own streams. */
function deltaEvent (name: string, place: Place, delta: unknown, details: Json = {}): readonly StreamedEvent[] {
  return typeof delta === 'string' && delta !== '' ? [{ type: `${name}.delta`, ...place, delta, ...details }] : []
}
