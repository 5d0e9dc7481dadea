import { test } from 'tap'
import { createStreamReader } from '../../src/openai/stream.ts'
import { cut, fixture, relay } from './streams.ts'

const options = { includeUsage: false, maxEventBytes: 4096 }
const good = fixture('chat-plain').toString().split('\n\n')[1] as string
const delta = (content: string): string => good.replace('"The"', content)

const broken = {
  'cut short': delta('"x').slice(0, -20),
  'a control character in the text': delta('"a\tb"'),
  'an unknown escape in the text': delta('"\\x41"'),
  'a trailing comma': delta('"x",'),
  NaN: delta('NaN'),
  'no JSON at all': 'data: oops',
  'JSON, but no object': 'data: [1]',
  'another number': 'data: 1',
  null: 'data: null',
  'a string': 'data: "[DONE]"',
  'two values': 'data: {} {}',
  'a page': 'data: <html></html>',
  NUL: 'data: {"a":\0}',
  'too large': delta(`"${'x'.repeat(5000)}"`),
  'too large without an end': `data: ${'x'.repeat(5000)}`
}

for (const [name, event] of Object.entries(broken)) {
  test(`chat: ${name}`, async t => {
    // Once as the first event, once after others have shown what a delta looks like.
    for (const before of ['', `${good}\n\n`.repeat(3)]) {
      for (const lengths of [[1], [7], [65_536]]) {
        const stream = Buffer.from(`${before}${event}\n\n${good}\n\ndata: [DONE]\n\n`)
        const { reader, beforeEnd, released, finished } = relay(createStreamReader('chat.completions', options), cut(stream, lengths))
        t.equal(beforeEnd, before, 'what came before passes')
        t.match(released, /^data: \{"error":\{"message":"[^"]+","type":"upstream_error","param":null,"code":"upstream_invalid_response"\}\}\n\n$/)
        t.equal(finished, '', 'nothing comes after')
        t.ok(reader.failed && reader.terminal)
        t.equal(reader.error?.code, 'upstream_invalid_response')
      }
    }
  })
}

test('responses: an event that is not JSON', async t => {
  const stream = fixture('responses-text').toString().replace('"delta":" ship"', '"delta":" ship')
  const { reader, beforeEnd, released } = relay(createStreamReader('responses', { ...options, maxEventBytes: 1 << 20 }), [Buffer.from(stream)])
  t.ok(stream.startsWith(beforeEnd))
  t.equal(reader.error?.code, 'upstream_invalid_response')
  t.match(JSON.parse(released.split('data: ')[1] ?? ''), { type: 'error', sequence_number: 9, error: { code: 'upstream_invalid_response' } }, 'numbered on from the last that passed')
})

test('an event that the end cut short is not a broken one', async t => {
  const whole = fixture('chat-no-done').toString()
  const { reader, finished } = relay(createStreamReader('chat.completions', options), [Buffer.from(`${whole}data: {"id":"chatcm`)])
  t.equal(finished, 'data: [DONE]\n\n', 'the answer was complete without it')
  t.notOk(reader.failed)
})
