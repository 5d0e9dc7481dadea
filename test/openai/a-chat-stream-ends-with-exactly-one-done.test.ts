import { test } from 'tap'
import { cut, fixture, readerOf, relay } from './streams.ts'

const DONE = 'data: [DONE]\n\n'

test('the upstream\'s own passes, held back until it is released', async t => {
  const { reader, beforeEnd, released, finished } = relay(readerOf('chat-plain'), [fixture('chat-plain')])
  t.ok(reader.terminal)
  t.notMatch(beforeEnd, '[DONE]')
  t.equal(released, DONE)
  t.equal(finished, '')
  t.strictSame(reader.release(), [], 'once')
})

test('what nobody released comes with the end', async t => {
  const reader = readerOf('chat-plain')
  reader.push(fixture('chat-plain'))
  t.equal(Buffer.concat(reader.finish() ?? []).toString(), DONE)
})

test('nothing comes after it', async t => {
  for (const lengths of [[1], [65_536]]) {
    const { all } = relay(readerOf('chat-done-twice'), cut(fixture('chat-done-twice'), lengths))
    t.equal(all.split('[DONE]').length - 1, 1)
    t.ok(all.endsWith(DONE))
  }
})

test('a missing one is supplied when every choice has finished', async t => {
  for (const name of ['chat-no-done', 'chat-claude']) {
    const reader = readerOf(name)
    reader.push(fixture(name))
    t.notOk(reader.terminal, name)
    t.equal(Buffer.concat(reader.finish() ?? []).toString(), DONE, name)
    t.ok(reader.terminal, name)
  }
})

test('one that lacks its blank line is completed', async t => {
  const { finished } = relay(readerOf('chat-plain'), [fixture('chat-done-without-blank-line')])
  t.equal(finished, DONE)
})

test('a stream that stopped early has no end', async t => {
  for (const name of ['chat-cut-inside-an-event', 'chat-cut-between-events', 'chat-two-choices-one-unfinished', 'chat-empty', 'chat-html']) {
    for (const lengths of [[1], [65_536]]) {
      const { reader, finished, all } = relay(readerOf(name), cut(fixture(name), lengths))
      t.equal(finished, null, name)
      t.notOk(reader.terminal, name)
      t.notOk(reader.failed, name)
      t.notMatch(all, /html|\[DONE\]/, name)
    }
  }
})

test('a finishing chunk that lacks its blank line counts', async t => {
  const stream = fixture('chat-claude')
  const end = stream.lastIndexOf('data: ')
  const { finished } = relay(readerOf('chat-claude'), [stream.subarray(0, end).subarray(0, -2)])
  t.match(finished, /"finish_reason":"stop".*\n\ndata: \[DONE\]\n\n$/s)
})

test('the id is the first that is not empty', async t => {
  const reader = readerOf('chat')
  for (const id of ['', 'first', 'second', '']) reader.push(Buffer.from(`data: {"id":"${id}","choices":[]}\n\n`))
  t.equal(reader.id, 'first')
})
