import { createParser } from 'eventsource-parser'
import type { EventSourceMessage } from 'eventsource-parser'
import fc from 'fast-check'
import t from 'tap'
import type { Endpoint } from '../../src/openai/call.ts'
import { objectsIn } from '../../src/openai/json.ts'
import type { Json } from '../../src/openai/json.ts'
import { replay } from '../../src/openai/replay.ts'
import { chatCompletions, responses } from '../helpers/arbitrary-answers.ts'

interface ReadEvent { readonly name: string | undefined, readonly data: Json }

/** What an independent reader makes of a replay, without the `[DONE]` that must be its last event. */
function eventsOf (endpoint: Endpoint, answer: object, includeUsage = false): ReadEvent[] {
  const events: EventSourceMessage[] = []
  const parser = createParser({ onEvent: event => { events.push(event) } })
  parser.feed(replay(endpoint, Buffer.from(JSON.stringify(answer)), includeUsage).toString())
  if (events.pop()?.data !== '[DONE]') throw new Error('a replay ends with [DONE]')
  return events.map(({ event, data }) => ({ name: event, data: JSON.parse(data) }))
}

t.test('chat chunks have no name, one id and one kind, and no usage that was not asked for', async t => {
  fc.assert(fc.property(chatCompletions, answer => {
    for (const { name, data } of eventsOf('chat.completions', answer)) {
      t.equal(name, undefined)
      t.match(data, { id: answer.id, created: answer.created, model: answer.model, object: 'chat.completion.chunk' })
      t.ok(Array.isArray(data.choices))
      t.notOk('usage' in data)
    }
  }), { numRuns: 30 })
})

t.test('usage that was asked for comes in a chunk of its own, and is null in all others', async t => {
  fc.assert(fc.property(chatCompletions, answer => {
    const events = eventsOf('chat.completions', answer, true)
    t.match(events.pop()?.data, { choices: [], usage: answer.usage })
    for (const { data } of events) t.equal(data.usage, null)
  }), { numRuns: 30 })
})

t.test('a choice begins with its role alone, has one chunk a tool call, and ends with its finish', async t => {
  const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } })
  const message = { role: 'assistant', content: 'x', refusal: null, reasoning_content: 'r', tool_calls: [call('a'), call('b')] }
  const answer = { id: 'c', choices: [{ index: 0, message, logprobs: { content: [] }, finish_reason: 'tool_calls', extra: 1 }], citations: ['u'] }
  const events = eventsOf('chat.completions', answer)
  t.strictSame(events.map(({ data }) => data.choices), [
    [{ index: 0, delta: { role: 'assistant' }, finish_reason: null }],
    [{ index: 0, delta: { content: 'x', refusal: null, reasoning_content: 'r' }, logprobs: { content: [] }, finish_reason: null }],
    [{ index: 0, delta: { tool_calls: [{ index: 0, ...call('a') }] }, finish_reason: null }],
    [{ index: 0, delta: { tool_calls: [{ index: 1, ...call('b') }] }, finish_reason: null }],
    [{ index: 0, delta: {}, finish_reason: 'tool_calls', extra: 1 }]
  ])
  t.strictSame(events.map(({ data }) => data.citations), [['u'], undefined, undefined, undefined, undefined])
})

t.test('response events are named, numbered from 0, and begin before they end', async t => {
  fc.assert(fc.property(responses, answer => {
    const events = eventsOf('responses', answer)
    t.strictSame(events.map(({ data }) => data.sequence_number), events.map((_, index) => index))
    t.strictSame(events.map(({ name }) => name), events.map(({ data }) => data.type))
    t.strictSame([0, 1, -1].map(at => events.at(at)?.name), ['response.created', 'response.in_progress', 'response.completed'])
    t.match(events[0]?.data.response, { id: answer.id, status: 'in_progress', output: [], usage: null })
    t.strictSame(events.at(-1)?.data.response, JSON.parse(JSON.stringify(answer)))
  }), { numRuns: 30 })
})

t.test('every delta comes after the events that open its place, and all of them add up to the text', async t => {
  fc.assert(fc.property(responses, answer => {
    const open = new Set<string>()
    let streamed = ''
    for (const { data } of eventsOf('responses', answer)) {
      const place = placeOf(data)
      if (/\.added$/.test(String(data.type)) && data.annotation === undefined) open.add(place)
      if (/\.(delta|done)$/.test(String(data.type))) t.ok(open.has(place), `${String(data.type)} at ${place}`)
      t.not(data.delta, '', 'an empty text has no delta')
      if (/\.delta$/.test(String(data.type))) streamed += String(data.delta)
    }
    t.equal(streamed, objectsIn(answer.output).map(textOf).join(''))
  }), { numRuns: 50 })
})

t.test('an incomplete response ends as one', async t => {
  const answer = { id: 'resp_1', status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [] }
  t.equal(eventsOf('responses', answer).at(-1)?.name, 'response.incomplete')
})

t.test('an item of an unknown kind, or without an id, opens as it ends', async t => {
  const unknown = { id: 'x_1', type: 'not_invented_yet', text: 'x' }
  const nameless = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }
  const events = eventsOf('responses', { id: 'resp_1', status: 'completed', output: [unknown, nameless] })
  t.strictSame(events.slice(2, -1).map(({ data }) => [data.type, data.item]), [
    ['response.output_item.added', unknown], ['response.output_item.done', unknown],
    ['response.output_item.added', nameless], ['response.output_item.done', nameless]
  ])
})

/** The item, part or summary that an event is about. */
function placeOf ({ output_index: item, content_index: part, summary_index: summary }: Json): string {
  return JSON.stringify([item, part ?? null, summary ?? null])
}

/** All the text in an item, in the order in which it is streamed. */
function textOf (item: Json): string {
  const texts = [item.summary, item.content].flatMap(objectsIn).map(part => part.text ?? part.refusal)
  return [...texts, item.arguments, item.input].filter(text => typeof text === 'string').join('')
}
