import fc from 'fast-check'
import { createParser } from 'eventsource-parser'
import { test } from 'tap'
import { EventSplitter } from '../../src/openai/sse.ts'
import type { RawEvent } from '../../src/openai/sse.ts'
import { holds } from './holds.ts'
import { chunkLengths, cut } from './streams.ts'

const line = fc.constantFrom('data: x', 'data:é', 'data', 'data: 🚢 日本', ': comment', 'event: e', 'id: 7', 'retry: 10', 'unknown', '')
const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
const stream = fc.array(fc.tuple(line, lineEnd), { maxLength: 30 }).map(lines => lines.map(parts => parts.join('')).join(''))

test('no byte is lost, added or moved', async t => {
  holds(t, fc.property(stream, chunkLengths, (text, lengths) => {
    const splitter = new EventSplitter(Infinity)
    const events = cut(Buffer.from(text), lengths).flatMap(chunk => splitter.push(chunk))
    const whole = textOf(events)
    return text.startsWith(whole) && `${text}\n\n`.startsWith(whole + textOf(splitter.finish()).trimEnd())
  }), { numRuns: 500 })
})

test('events end where an independent parser ends them', async t => {
  holds(t, fc.property(stream, chunkLengths, (text, lengths) => {
    const splitter = new EventSplitter(Infinity)
    const events = cut(Buffer.from(text), lengths).flatMap(chunk => splitter.push(chunk))
    const last = splitter.finish()
    // A CR at the very end ends its line at once for this parser, and so may an event.
    const complete = text.endsWith('\r') ? [...events, ...last] : events
    const seen = complete.map(event => parsed(textOf([event]))).filter(data => data.length > 0)
    return seen.every(data => data.length === 1) && JSON.stringify(seen.flat().slice(0, parsed(text).length)) === JSON.stringify(parsed(text))
  }), { numRuns: 500 })
})

test('the cuts do not move with the chunks', async t => {
  holds(t, fc.property(stream, chunkLengths, (text, lengths) => {
    const [whole, pieces] = [[text.length * 4 + 1], lengths].map(sizes => {
      const splitter = new EventSplitter(Infinity)
      const events = cut(Buffer.from(text), sizes).flatMap(chunk => splitter.push(chunk))
      return JSON.stringify([...events, ...splitter.finish()].map(event => textOf([event])))
    })
    return whole === pieces
  }), { numRuns: 500 })
})

test('a chunk of whole events is passed on uncopied', async t => {
  const chunk = Buffer.from('data: 1\n\ndata: 2\n\n')
  const events = new EventSplitter(100).push(chunk)
  t.strictSame(events.map(({ start, end }) => [start, end]), [[0, 9], [9, 18]])
  t.ok(events.every(({ block }) => block === chunk))
})

test('a byte order mark is left out, at the start only', async t => {
  for (const lengths of [[1], [2], [100]]) {
    const splitter = new EventSplitter(100)
    const events = cut(Buffer.from('\ufeffdata: 1\n\n\ufeffdata: 2\n\n'), lengths).flatMap(chunk => splitter.push(chunk))
    t.strictSame(events.map(event => textOf([event])), ['data: 1\n\n', '\ufeffdata: 2\n\n'])
  }
})

test('an event of just the bound passes, one of a byte more stops the stream, whatever the chunks', async t => {
  const event = 'data: 0123456789\n\n'
  for (const lengths of [[1], [5], [17], [18], [1000]]) {
    for (const [bound, count] of [[18, 3], [17, 0]] as const) {
      const splitter = new EventSplitter(bound)
      const events = cut(Buffer.from(event.repeat(3)), lengths).flatMap(chunk => splitter.push(chunk))
      t.equal(events.length, count)
      t.equal(splitter.overflowing, count === 0)
    }
    const splitter = new EventSplitter(18)
    const events = cut(Buffer.from(`${event}data: ${'x'.repeat(1000)}\n\n${event}`), lengths).flatMap(chunk => splitter.push(chunk))
    t.strictSame(events.map(each => textOf([each])), [event], 'what came before is not lost, what comes after does not come')
    t.strictSame(splitter.finish(), [])
  }
})

test('the end closes what only lacks its blank line', async t => {
  for (const [text, last] of [['data: 1', 'data: 1\n\n'], ['data: 1\n', 'data: 1\n\n'], ['data: 1\r\n', 'data: 1\r\n\n'], ['data: 1\r', 'data: 1\r\r'], ['data: 1\r\r', 'data: 1\r\r'], ['data: 1\r\n\r', 'data: 1\r\n\r'], ['\n\n', ''], ['', '']] as const) {
    const splitter = new EventSplitter(100)
    t.strictSame(splitter.push(Buffer.from(text)), [])
    t.equal(textOf(splitter.finish()), last, JSON.stringify(text))
  }
})

function textOf (events: readonly RawEvent[]): string {
  return events.map(({ block, start, end }) => block.toString('utf8', start, end)).join('')
}

function parsed (text: string): string[] {
  const events: string[] = []
  const parser = createParser({ onEvent: event => { events.push(event.data) } })
  parser.feed(text)
  return events
}
