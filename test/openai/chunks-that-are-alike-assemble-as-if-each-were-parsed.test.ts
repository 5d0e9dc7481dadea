import fc from 'fast-check'
import { test } from 'tap'
import { Assembler } from '../../src/openai/assemble.ts'
import { EventTemplate } from '../../src/openai/template.ts'
import { wholeEvent } from '../../src/openai/event-reader.ts'
import { createStreamReader } from '../../src/openai/stream.ts'
import { holds } from './holds.ts'
import { chunkLengths, cut } from './streams.ts'

const text = fc.oneof(fc.constantFrom('', 'a', 'ha', '"', '\\', 'é', '日', '👋', '\n'), fc.string({ unit: 'binary', maxLength: 4 }))

/** Deltas that a run of chunks may have: what looks harmless beside a text may still be continued with every chunk. */
const deltas: ReadonlyArray<(text: string) => object> = [
  content => ({ content }),
  content => ({ role: 'assistant', content, refusal: null }),
  content => ({ role: 'assistant', content: null, reasoning: content }),
  content => ({ reasoning: content, reasoning_content: content }),
  content => ({ content, obfuscation: content }),
  content => ({ content, mood: 'calm' }),
  content => ({ content, mood: { name: 'n', of: 1 }, annotations: [] }),
  content => ({ content, mood: { words: 'calm' } }),
  content => ({ content, annotations: [{ type: 'url_citation' }] }),
  content => ({ content, parts: [{ index: 0, content }] }),
  content => ({ content, '"content"': content }),
  content => ({ parts: [{ index: 0, id: 'p', content }] }),
  content => ({ tool_calls: [{ index: 0, function: { arguments: content } }] }),
  content => ({ tool_calls: [{ index: 1, id: 'call', type: 'function', function: { name: 'f', arguments: content } }] }),
  content => ({ tool_calls: [{ index: 0, function: { arguments: content } }, { index: 1, function: { arguments: content } }] }),
  content => ({ function_call: { arguments: content } }),
  content => ({ function_call: { name: 'f', arguments: content } }),
  content => JSON.parse(`{"__proto__":{"content":${JSON.stringify(content)}}}`)
]
const others: readonly object[] = [{}, { logprobs: null }, { logprobs: { content: [] } }, { logprobs: { content: [{ token: 'ha' }] } }, { obfuscation: 'a' }, { obfuscation: 'bc' }, { note: 'x' }]
const members: readonly object[] = [{}, { obfuscation: 'a' }, { obfuscation: 'bc', usage: null }, { id: '' }, { model: 'm' }, { sequence_number: 1 }, { sequence_number: 2 }, { index: 1 }]

const run = fc.record({
  delta: fc.constantFrom(...deltas),
  other: fc.constantFrom(...others),
  member: fc.constantFrom(...members),
  index: fc.constantFrom(0, 0, 0, 1),
  texts: fc.array(text, { minLength: 1, maxLength: 6 }),
  spelled: fc.constantFrom((json: string) => json, (json: string) => json.replaceAll('"content":', '"\\u0063ontent":'), (json: string) => json.replaceAll('"content":', '"content" :'))
})

const chunks = fc.array(run, { minLength: 1, maxLength: 6 }).map(runs => runs.flatMap(({ delta, other, member, index, texts, spelled }) =>
  texts.map(each => spelled(JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index, delta: delta(each), ...other, finish_reason: null }], ...member })))))

test('as if each were parsed', async t => {
  holds(t, fc.property(chunks, chunkLengths, (chunks, lengths) => {
    const expected = new Assembler('chat.completions', Infinity)
    for (const chunk of chunks) {
      const data = Buffer.from(chunk).toString('latin1')
      expected.add({ is: 'parsed', json: JSON.parse(data), data, template: null })
    }
    return JSON.stringify(read(cut(stream(chunks), lengths)).answer) === JSON.stringify(expected.finish())
  }), { numRuns: 3000 })
})

test('and most of a text is not parsed', async t => {
  const chunk = (content: string): string => JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }], obfuscation: content })
  t.equal(read([stream(['', 'a', 'b', 'é'].map(chunk))]).parsed, 1)
})

test('a key is certain only where nothing else could be it', async t => {
  const keyOf = (json: string): string | null => new EventTemplate(wholeEvent(Buffer.from(`data: ${json}\n\n`))).textKey
  t.equal(keyOf('{"delta":{"content":"a\\"content\\""},"index":0,"obfuscation":"b"}'), 'content')
  for (const uncertain of ['{}', '{"content":"a","refusal":"b"}', '{"content":"a","x":{"content":1}}', '{"content":"a","\\u0063ontent":1}', '{"delta":"a","sequence_number":1}']) t.equal(keyOf(uncertain), null, uncertain)
})

function stream (chunks: readonly string[]): Buffer {
  return Buffer.from(chunks.map(data => `data: ${data}\n\n`).join(''))
}

function read (bytes: readonly Buffer[]): { readonly answer: unknown, readonly parsed: number } {
  const assembler = new Assembler('chat.completions', Infinity)
  let parsed = 0
  const reader = createStreamReader('chat.completions', {
    includeUsage: true,
    maxEventBytes: 1 << 20,
    onEvent: event => {
      if (event.is === 'parsed') parsed++
      assembler.add(event)
    }
  })
  for (const chunk of bytes) reader.push(chunk)
  return { answer: assembler.finish(), parsed }
}
