import type { Part } from './delivery.ts'
import { objectOf, objectsOf, stringOf, type JsonObject } from './json.ts'
import { outputItems, responseObject, type Draft } from './response-object.ts'
import { piecesOf } from './text.ts'

/**
 * A response as OpenAI streams it: created, (queued,) in progress, each item from `added` over its deltas to `done`, and
 * one terminal event. Numbered from 0; those up to and including `after` are left out.
 */
export function * responseEvents (draft: Draft, after = -1): Iterable<Part> {
  let number = 0
  for (const { type, fields, output } of ladder(draft)) {
    const sequenceNumber = number++
    if (sequenceNumber > after) yield event(type, { sequence_number: sequenceNumber, ...fields }, output)
  }
}

/** How responses report a failure within a stream: flat, as OpenAI publishes it. */
export function responseFailure (after: number): Part {
  return event('error', { sequence_number: after, code: 'server_error', message: 'The model failed.', param: null }, 0)
}

interface Step {
  readonly type: string
  readonly fields: JsonObject
  /** Bytes of generated text in it. */
  readonly output: number
}

function step (type: string, fields: JsonObject, output = 0): Step {
  return { type, fields, output }
}

function * ladder (draft: Draft): Generator<Step> {
  const queued = draft.body.background === true
  yield step('response.created', { response: responseObject(draft, queued ? 'queued' : 'in_progress') })
  if (queued) yield step('response.queued', { response: responseObject(draft, 'queued') })
  yield step('response.in_progress', { response: responseObject(draft, 'in_progress') })
  for (const [index, item] of outputItems(draft).entries()) yield * itemSteps(index, item)
  yield step(`response.${draft.outcome}`, { response: responseObject(draft, draft.outcome) })
}

function * itemSteps (outputIndex: number, item: JsonObject): Generator<Step> {
  yield step('response.output_item.added', { output_index: outputIndex, item: emptied(item) })
  const place = { item_id: item.id, output_index: outputIndex }
  if (item.type === 'function_call') yield * callSteps(place, item)
  for (const [index, part] of objectsOf(item.content).entries()) yield * partSteps({ ...place, content_index: index }, part)
  for (const [index, part] of objectsOf(item.summary).entries()) yield * summarySteps({ ...place, summary_index: index }, part)
  yield step('response.output_item.done', { output_index: outputIndex, item })
}

function * callSteps (place: JsonObject, item: JsonObject): Generator<Step> {
  const kind = 'response.function_call_arguments'
  yield * deltas(kind, place, stringOf(item.arguments))
  yield step(`${kind}.done`, { ...place, name: item.name, arguments: item.arguments })
}

function * partSteps (place: JsonObject, part: JsonObject): Generator<Step> {
  const field = part.type === 'refusal' ? 'refusal' : 'text'
  const kind = part.type === 'refusal' ? 'response.refusal' : 'response.output_text'
  const logprobs = part.type === 'refusal' ? {} : { logprobs: [] }
  yield step('response.content_part.added', { ...place, part: { ...part, [field]: '' } })
  yield * deltas(kind, { ...place, ...logprobs }, stringOf(part[field]))
  yield step(`${kind}.done`, { ...place, ...logprobs, [field]: part[field] })
  yield step('response.content_part.done', { ...place, part })
}

function * summarySteps (place: JsonObject, part: JsonObject): Generator<Step> {
  const kind = 'response.reasoning_summary_text'
  yield step('response.reasoning_summary_part.added', { ...place, part: { ...part, text: '' } })
  yield * deltas(kind, place, stringOf(part.text))
  yield step(`${kind}.done`, { ...place, text: part.text })
  yield step('response.reasoning_summary_part.done', { ...place, part })
}

function * deltas (kind: string, place: JsonObject, text: string): Generator<Step> {
  for (const delta of piecesOf(text)) yield step(`${kind}.delta`, { ...place, delta }, Buffer.byteLength(delta))
}

/** An item as it is when it is added: known by its id and names, and still without content. */
function emptied (item: JsonObject): JsonObject {
  if (item.type === 'function_call') return { ...item, status: 'in_progress', arguments: '' }
  if (item.type === 'reasoning') return { ...item, summary: [] }
  return { ...objectOf(item), status: 'in_progress', content: [] }
}

function event (type: string, fields: JsonObject, output: number): Part {
  return { data: `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`, output }
}
