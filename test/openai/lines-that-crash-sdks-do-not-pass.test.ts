import { test } from 'tap'
import { createStreamReader } from '../../src/openai/stream.ts'
import { relay } from './streams.ts'

const options = { includeUsage: false, maxEventBytes: 1 << 20 }
const chunk = '{"choices":[{"index":0,"delta":{"content":"a"}}]}'
const event = '{"type":"response.in_progress","sequence_number":0}'

const chat = {
  'a plain chunk': [`data: ${chunk}\n\n`, `data: ${chunk}\n\n`],
  'an id, before or after': [`id: 1\ndata: ${chunk}\nid: 2\n\n`, `data: ${chunk}\n\n`],
  'an id without a value': [`id\ndata: ${chunk}\n\n`, `data: ${chunk}\n\n`],
  'a retry delay': [`retry: 1000\n\ndata: ${chunk}\nretry: 2\n\n`, `data: ${chunk}\n\n`],
  'the name of a chunk': [`event: chat.completion.chunk\ndata: ${chunk}\n\n`, `data: ${chunk}\n\n`],
  'an unknown field': [`<p>: x\ndata: ${chunk}\nfoo\n\n`, `data: ${chunk}\n\n`],
  'a name without data': ['event: ping\n\n', ''],
  'empty data': ['data:\n\ndata: \n\ndata\n\n', ''],
  'what only begins like a field': [`database: x\ndata: ${chunk}\n\n`, `data: ${chunk}\n\n`],
  'a comment': [': ping\n\n', ': ping\n\n'],
  'a comment beside an id': [': ping\nid: 3\n\n', ': ping\n\n'],
  'a comment beside data': [`: a\ndata: ${chunk}\n: b\n\n`, `: a\ndata: ${chunk}\n: b\n\n`],
  CRLF: [`id: 1\r\ndata: ${chunk}\r\n\r\n`, `data: ${chunk}\r\n\r\n`],
  'a page instead of events': ['<html>\n<body>\n\n</body>\n\n', '']
}

for (const [name, [sent, seen]] of Object.entries(chat) as Array<[string, [string, string]]>) {
  test(`chat: ${name}`, async t => {
    t.equal(relay(createStreamReader('chat.completions', options), [Buffer.from(sent)]).beforeEnd, seen)
    const again = relay(createStreamReader('chat.completions', options), [Buffer.from(`data: ${chunk}\n\n${sent}${sent}`)])
    t.equal(again.beforeEnd, `data: ${chunk}\n\n${seen}${seen}`, 'also among others')
  })
}

test('responses: names pass, unless they come alone', async t => {
  const named = `event: response.in_progress\ndata: ${event}\n\n`
  const sent = `${named}event: ping\n\nid: 1\n${named}retry: 5\n\n: ping\n\n${named}`
  t.equal(relay(createStreamReader('responses', options), [Buffer.from(sent)]).beforeEnd, `${named}${named}: ping\n\n${named}`)
})
