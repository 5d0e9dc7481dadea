import fc from 'fast-check'
import { test } from 'tap'
import { EventSplitter } from '../../src/openai/sse.ts'
import type { RawEvent } from '../../src/openai/sse.ts'
import { EventTemplate } from '../../src/openai/template.ts'
import { holds } from './holds.ts'

const chat = (content: string, rest = '"logprobs":null,"finish_reason":null'): string => `data: {"id":"c","choices":[{"index":0,"delta":{"content":${content}},${rest}}],"usage":null,"obfuscation":"a1"}\n\n`
const response = (sequence: string, delta: string): string => `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":${sequence},"delta":${delta},"obfuscation":"x"}\n\n`
const match = (template: string, event: string) => new EventTemplate(eventOf(template)).match(eventOf(event))

test('other text, other padding, another index, another sequence number', async t => {
  t.match(match(chat('"Hello"'), chat('" world!"').replace('a1', 'b22').replace('"index":0', '"index":12')), { textBytes: 7, sequence: null })
  t.match(match(response('7', '"a"'), response('8', '"bcd"')), { textBytes: 3, sequence: 8 })
  t.match(match(response('9', '""'), response('10', '""')), { textBytes: 0, sequence: 10 })
})

test('text is counted in the bytes of its UTF-8', async t => {
  for (const [json, bytes] of [['"é"', 2], ['"🚢"', 4], ['"\\u00fc"', 1], ['"\\u65e5"', 3], ['"\\ud83d\\udea2"', 4], ['"\\n\\"\\\\"', 3], ['"日\\n"', 4]] as const) {
    t.equal(match(chat('"x"'), chat(json))?.textBytes, bytes, json)
  }
})

test('reasoning that comes under two names is counted once', async t => {
  const both = (text: string): string => `data: {"choices":[{"delta":{"reasoning":"${text}","reasoning_content":"${text}"}}]}\n\n`
  t.equal(match(both('a'), both('12345'))?.textBytes, 5)
})

test('of reasoning that differs under two names the longer counts, and that of each choice', async t => {
  const delta = (one: string, other: string): string => `{"reasoning":"${one}","content":"","reasoning_content":"${other}"}`
  const event = (...deltas: readonly string[]): string => `data: {"choices":[${deltas.map(delta => `{"delta":${delta}}`).join()}]}\n\n`
  for (const [one, other] of [['', '12345'], ['12345', ''], ['12345', '123']] as const) t.equal(match(event(delta('a', 'a')), event(delta(one, other)))?.textBytes, 5)
  t.equal(match(event(delta('', ''), delta('', '')), event(delta('1', '12'), delta('123', '1')))?.textBytes, 5)
  t.equal(match(event('{"reasoning":""}', '{"reasoning":""}'), event('{"reasoning":"12"}', '{"reasoning":"345"}'))?.textBytes, 5)
})

test('anything else that differs is no match', async t => {
  for (const other of [
    chat('"x"', '"logprobs":null,"finish_reason":"stop"'), chat('"x"').replace('"usage":null', '"usage":{"prompt_tokens":1}'), chat('"x"').replace('"id":"c"', '"id":"d"'), chat('"x"').replace('{"id"', '{"error":{},"id"'),
    chat('null'), chat('["x"]'), chat('"x"').replace('data: ', 'data:'), chat('"x"').replaceAll('\n', '\r\n'), `: comment\n${chat('"x"')}`, `id: 1\n${chat('"x"')}`, `\n${chat('"x"')}`, chat('"x"').replace('}\n', '} \n'), 'data: [DONE]\n\n'
  ]) t.equal(match(chat('"a"'), other), null, other)
})

test('a value that is not valid JSON is no match', async t => {
  for (const bad of ['"\t"', '"a\\"', '"\\x"', '"\\u00g0"', '"a"b"', '"', '"\u0000"']) t.equal(match(chat('"a"'), chat(bad)), null, bad)
  for (const sequence of ['01', '', '-1', '1.5', '1e3', 'x', '"1"']) t.equal(match(response('1', '"a"'), response(sequence, '"a"')), null, sequence)
})

const serialized = fc.string({ unit: 'binary' }).map(text => JSON.stringify(text))
const nearly = fc.array(fc.constantFrom('"', '\\', 'a', '\\n', '\t', 'é', '\\u00e9', ':', ','), { maxLength: 6 }).map(parts => `"${parts.join('')}"`)

test('every text matches every other, and counts what parsing counts', async t => {
  holds(t, fc.property(serialized, serialized, fc.constantFrom('', ' '), (first, second, space) => {
    const [template, event] = [first, second].map(json => chat(space + json)) as [string, string]
    return match(template, event)?.textBytes === Buffer.byteLength(JSON.parse(second))
  }))
})

test('what parsing refuses never matches', async t => {
  holds(t, fc.property(serialized, nearly, (first, second) => {
    const matched = match(chat(first), chat(second)) !== null
    return matched === isJsonString(second)
  }), { numRuns: 2000 })
})

test('an event is matched where it stands among others', async t => {
  const events = new EventSplitter(1 << 20).push(Buffer.from(chat('"one"') + chat('"two"') + chat('"three"')))
  const template = new EventTemplate(events[0] as RawEvent)
  t.strictSame(events.map(event => template.match(event)?.textBytes), [3, 3, 5])
})

function eventOf (text: string): RawEvent {
  const block = Buffer.from(text)
  return { block, text: block.toString('latin1'), start: 0, end: block.length }
}

function isJsonString (text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'string'
  } catch {
    return false
  }
}
