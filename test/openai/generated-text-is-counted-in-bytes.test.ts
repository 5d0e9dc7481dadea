import { createParser } from 'eventsource-parser'
import { test } from 'tap'
import { endpointOf, fixture, fixtures, readerOf, relay } from './streams.ts'

/** Texts in which `\u00e9` is spelled so count one byte less for each; see `textBytes`. */
const spelled = { 'chat-escaped': -3 }

for (const name of [...fixtures.keys()].filter(name => !/error|not-json|done-twice|keepalive/.test(name))) {
  test(name, async t => {
    const expected = Buffer.byteLength(textOf(name)) + (Object.entries(spelled).find(([key]) => key === name)?.[1] ?? 0)
    t.equal(relay(readerOf(name), [fixture(name)]).reader.outputBytes, expected)
  })
}

test('what has been counted has been passed on, event by event', async t => {
  const reader = readerOf('chat-plain')
  let seen = 0
  for (const event of fixture('chat-plain').toString().split(/(?<=\n\n)/)) {
    seen += Buffer.byteLength(event.startsWith('data: {') ? JSON.parse(event.slice(6)).choices[0]?.delta.content ?? '' : '')
    reader.push(Buffer.from(event))
    t.equal(reader.outputBytes, seen)
  }
})

/** Everything that was generated, read by parsing every event. */
function textOf (name: string): string {
  let text = ''
  const parser = createParser({ onEvent: ({ data }) => { if (data.startsWith('{')) text += endpointOf(name) === 'responses' ? eventText(JSON.parse(data)) : chunkText(JSON.parse(data)) } })
  parser.feed(fixture(name).toString())
  return text
}

function eventText ({ type, delta }: { type: string, delta?: unknown }): string {
  return typeof delta === 'string' && !type.includes('audio') ? delta : ''
}

interface Chunk {
  readonly choices?: ReadonlyArray<{ delta?: { content?: string | null, reasoning_content?: string | null, tool_calls?: ReadonlyArray<{ function: { arguments: string } }> } }> | null
}

function chunkText ({ choices }: Chunk): string {
  return (choices ?? []).map(({ delta }) => (delta?.content ?? '') + (delta?.reasoning_content ?? '') + (delta?.tool_calls ?? []).map(call => call.function.arguments).join('')).join('')
}
