import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { createParser } from 'eventsource-parser'
import { test } from 'tap'
import { holds } from './holds.ts'
import { naiveRelay } from './naive-relay.ts'
import { chunkLengths, cut, endpointOf, fixture, fixtures, readerOf, relay } from './streams.ts'

/** Streams whose end is rewritten have tests of their own. */
const faithful = [...fixtures.keys()].filter(name => !/error|not-json|done-too-early/.test(name))

const DONE = 'data: [DONE]\n\n'
/** Complete answers whose upstream left out `[DONE]`, or the blank line after it. */
const supplied = new Map([['chat-claude', DONE], ['chat-no-done', DONE], ['chat-done-without-blank-line', DONE]])
/** Their account lacks `choices`, which is filled in for those who asked for it. */
const completed = ['chat-null-choices', 'chat-cost-apart']

for (const name of faithful) {
  const stream = fixture(name)

  test(`${name}: what passes, and what does not, whatever the chunks`, async t => {
    const asked = completed.includes(name) ? fc.constant(false) : fc.boolean()
    holds(t, fc.property(chunkLengths, asked, (lengths, includeUsage) => {
      const expected = naiveRelay(stream, endpointOf(name) === 'responses', includeUsage) + (supplied.get(name) ?? '')
      return relay(readerOf(name, includeUsage), cut(stream, lengths)).all === expected
    }), { numRuns: 40 })
  })

  test(`${name}: an independent parser reads what it read before, but for the account`, async t => {
    const seen = eventsIn(Buffer.from(relay(readerOf(name), [stream]).all, 'latin1'))
    const expected = until(eventsIn(stream).filter(data => !isAccount(data)), '[DONE]')
    t.strictSame(until(seen, '[DONE]'), expected)
  })
}

for (const [name, stream] of fixtures) {
  test(`${name}: what is told about it does not depend on the chunks`, async t => {
    const whole = relayed(name, [stream])
    holds(t, fc.property(chunkLengths, lengths => isDeepStrictEqual(relayed(name, cut(stream, lengths)), whole)), { numRuns: 20 })
  })
}

function relayed (name: string, chunks: readonly Buffer[]): object {
  const { reader: { usage, failed, error, outputBytes, id }, all, finished } = relay(readerOf(name), chunks)
  return { usage, failed, message: error?.message, outputBytes, id, all, complete: finished !== null }
}

function eventsIn (stream: Buffer): string[] {
  const events: string[] = []
  const parser = createParser({ onEvent: event => { if (event.data.trim() !== '') events.push(event.data) } })
  parser.feed(stream.toString())
  return events
}

function isAccount (data: string): boolean {
  const chunk = data.startsWith('[') ? {} : JSON.parse(data)
  return chunk.object === 'chat.completion.chunk' && (chunk.choices ?? []).length === 0 && Boolean(chunk.usage ?? chunk.meta)
}

function until (events: readonly string[], end: string): readonly string[] {
  return events.includes(end) ? events.slice(0, events.indexOf(end)) : events
}
