import { test } from 'tap'
import { cut, fixture, readerOf, relay } from './streams.ts'

for (const [name, type] of [['responses-text', 'completed'], ['responses-unnamed', 'completed'], ['responses-crlf', 'completed'], ['responses-function-call', 'completed'], ['responses-incomplete', 'incomplete'], ['responses-failed', 'failed']] as const) {
  test(`${name}: it is held back, and everything else is not`, async t => {
    for (const lengths of [[1], [65_536]]) {
      const { reader, beforeEnd, released, finished } = relay(readerOf(name), cut(fixture(name), lengths))
      t.ok(reader.terminal)
      t.notMatch(beforeEnd, `"type":"response.${type}"`)
      t.match(released, `"type":"response.${type}"`)
      t.equal(finished, '')
    }
  })
}

test('[DONE] passes after it', async t => {
  const { released } = relay(readerOf('responses-done'), [fixture('responses-done')])
  t.ok(released.endsWith('data: [DONE]\n\n'))
  const reader = readerOf('responses-done')
  const stream = fixture('responses-done')
  reader.push(stream.subarray(0, -14))
  t.match(Buffer.concat(reader.release()).toString(), 'response.completed')
  t.strictSame(reader.push(stream.subarray(-14)), [])
  t.equal(Buffer.concat(reader.release()).toString(), 'data: [DONE]\n\n')
})

test('[DONE] is no end of its own, and none is supplied', async t => {
  const { reader, finished, all } = relay(readerOf('responses-done-too-early'), [fixture('responses-done-too-early')])
  t.equal(finished, null)
  t.notOk(reader.terminal)
  t.notMatch(all, '[DONE]')
  t.notMatch(relay(readerOf('responses-text'), [fixture('responses-text')]).all, '[DONE]')
})

test('a stream without it stopped early', async t => {
  t.equal(relay(readerOf('responses-cut'), [fixture('responses-cut')]).finished, null)
})

test('a second one does not pass', async t => {
  const stream = fixture('responses-text')
  const { all } = relay(readerOf('responses-text'), [stream, stream])
  t.equal(all, stream.toString('latin1'))
})

test('one that only lacks its blank line is the end', async t => {
  const { finished } = relay(readerOf('responses-text'), [fixture('responses-text').subarray(0, -2)])
  t.match(finished, /"type":"response.completed".*\n\n$/)
})

test('the id is that of the response', async t => {
  const { reader } = relay(readerOf('responses-text'), [fixture('responses-text')])
  t.equal(reader.id, 'resp_68f1a2b3c4d5e6f708192a3b4c5d6e7f')
})
