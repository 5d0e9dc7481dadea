import { connect } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import type { DemoUpstream } from '../../src/upstream/demo.ts'
import { startDemo } from '../helpers/demo.ts'
import { chat, chatJson, chunksOf, contentOf, eventsOf, parseEvents, post, respond, type Json } from './support.ts'

/** What arrived of an answer's body, and the code of what ended it: null when it ended properly. */
async function received (response: Response): Promise<{ readonly text: string, readonly code: string | null, readonly reads: number }> {
  const reads: Uint8Array[] = []
  let code: string | null = null
  try {
    for await (const bytes of response.body ?? []) reads.push(bytes)
  } catch (error) {
    code = String((error as { cause?: { code?: unknown } }).cause?.code)
  }
  return { text: Buffer.concat(reads).toString(), code, reads: reads.length }
}

/** The demo is alive, and whatever it had to do before has had its turn. */
const roundTrip = async (demo: DemoUpstream): Promise<unknown> => (await fetch(`${demo.url}/models/demo`)).text()

t.test('slow: word by word, and the same words', async t => {
  const demo = await startDemo(t)
  const fast = contentOf(await chunksOf(await chat(demo, { stream: true, model: 'demo-words-5' })))
  const slow = await startDemo(t, { wordDelayMs: 5 })
  const paced = await received(await chat(slow, { stream: true, model: 'demo-words-5' }))
  t.ok(paced.reads > 2)
  t.equal(contentOf(parseEvents(paced.text).slice(0, -1).map(({ data }) => JSON.parse(data) as Json)), fast)

  t.ok((await received(await chat(demo, { stream: true, model: 'demo-slow-5' }))).reads > 2)
  t.match(await chatJson(demo, { model: 'demo-slow-1' }), { choices: [{ finish_reason: 'stop' }] })
  t.match(await chatJson(demo, { model: 'demo-slow-start-5' }), { choices: [{ finish_reason: 'stop' }] })
  t.equal((await eventsOf(await chat(demo, { model: 'demo-slow-start-5', stream: true }))).at(-1)?.data, '[DONE]')
})

t.test('silent and stalled: headers, some of it, and nothing more', async t => {
  const demo = await startDemo(t)
  for (const more of [{ stream: true }, {}]) {
    for (const [model, silent] of [['demo-silent', true], ['demo-stall-2', false]] as const) {
      const caller = new AbortController()
      const response = await fetch(`${demo.url}/chat/completions`, {
        method: 'POST', signal: caller.signal, body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], ...more })
      })
      t.equal(response.status, 200)
      if (!silent) t.ok((await response.body?.getReader().read())?.value?.length)
      await roundTrip(demo)
      const record = demo.requests.find(request => request.ending === 'open')
      t.equal(record?.model, model)
      t.equal(record?.emittedBytes === 0, silent)
      caller.abort()
      if (record !== undefined) t.match(await demo.recorder.ended(record), { ending: 'aborted', httpStatus: 200 })
    }
  }
})

t.test('cut and reset: some events, then the end of the connection', async t => {
  const demo = await startDemo(t)
  for (const [model, code] of [['demo-cut-4', 'UND_ERR_SOCKET'], ['demo-rst-4', 'ECONNRESET']] as const) {
    const streamed = await received(await chat(demo, { model, stream: true }))
    t.equal(streamed.code, code)
    if (code === 'UND_ERR_SOCKET') t.equal(parseEvents(streamed.text).length, 4)
    const json = await received(await chat(demo, { model }))
    t.equal(json.code, code)
    t.throws(() => JSON.parse(json.text))
  }
  t.equal((await received(await respond(demo, { model: 'demo-cut-0', stream: true }))).text, '')
  t.equal((await received(await post(demo, '/embeddings', { model: 'demo-cut', input: 'x' }))).code, 'UND_ERR_SOCKET')
})

t.test('cut clean and truncated: half of it looks like all of it', async t => {
  const demo = await startDemo(t)
  const clean = await received(await chat(demo, { model: 'demo-cut-clean-4', stream: true }))
  t.equal(clean.code, null)
  t.equal(parseEvents(clean.text).length, 4)
  t.notMatch(clean.text, 'DONE')

  for (const more of [{}, { stream: true }]) {
    const response = await chat(demo, { model: 'demo-truncated', ...more })
    t.strictSame([response.headers.get('content-length'), response.headers.get('transfer-encoding')], [null, null])
    const { text, code } = await received(response)
    t.equal(code, null)
    t.notMatch(text, /DONE|usage/)
  }
  const json = await received(await chat(demo, { model: 'demo-cut-clean' }))
  t.equal(json.code, null)
  t.throws(() => JSON.parse(json.text))
})

t.test('an error within the stream, in the shape of the endpoint', async t => {
  const demo = await startDemo(t)
  const model = 'demo-error-in-stream-2'
  const chunks = await chunksOf(await chat(demo, { model, stream: true }))
  t.equal(chunks.length, 3)
  t.match(chunks.at(-1), { error: { message: String, type: 'server_error', param: null, code: 'server_error' } })
  const events = await eventsOf(await respond(demo, { model, stream: true }))
  t.equal(events.at(-1)?.event, 'error')
  t.match(JSON.parse(events.at(-1)?.data ?? ''), { type: 'error', sequence_number: 2, code: 'server_error', message: String, param: null })
  t.equal((await chat(demo, { model })).status, 500)
})

t.test('garbage', async t => {
  const demo = await startDemo(t)
  const [first, second, third] = await eventsOf(await chat(demo, { model: 'demo-garbage', stream: true }))
  t.ok(JSON.parse(first?.data ?? '') && JSON.parse(second?.data ?? ''))
  t.throws(() => JSON.parse(third?.data ?? ''))
  const response = await chat(demo, { model: 'demo-garbage' })
  t.match(response.headers.get('content-type'), 'application/json')
  await t.rejects(response.json())
})

t.test('infinite: as fast as it is read, and no faster', async t => {
  const demo = await startDemo(t, { wordDelayMs: 1000 })
  for (const more of [{}, { stream: true }]) {
    let bytes = 0
    for await (const chunk of (await chat(demo, { model: 'demo-infinite', ...more })).body ?? []) {
      bytes += chunk.length
      if (bytes > 4_000_000) break
    }
    t.ok(bytes > 4_000_000)
  }

  const socket = connect(Number(new URL(demo.url).port), '127.0.0.1')
  const body = '{"model":"demo-infinite","messages":[],"stream":true}'
  socket.pause().write(`POST /v1/chat/completions HTTP/1.1\r\nhost: demo\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  const [record] = await once(demo.recorder, 'request')
  for (let before = -1, still = 0; still < 20; before = record.emittedBytes) {
    await roundTrip(demo)
    still = record.emittedBytes === before ? still + 1 : 0
  }
  t.ok(record.emittedBytes > 0)
  socket.destroy()
  t.match(await demo.recorder.ended(record), { ending: 'aborted' })
})

t.test('harmless oddities: the same events', async t => {
  const demo = await startDemo(t)
  for (const model of ['demo-comments', 'demo-crlf', 'demo-bytes', 'demo-no-done', 'demo-done']) {
    const chunks = await chunksOf(await chat(demo, { model, stream: true }))
    t.equal(contentOf(chunks), (await chatJson(demo, { model })).choices?.[0]?.message?.content, model)
    t.equal(chunks.at(-1)?.choices?.[0]?.finish_reason, 'stop')
  }
  const text = async (model: string): Promise<string> => (await chat(demo, { model, stream: true })).text()
  t.match(await text('demo-comments'), /^: PROCESSING\n\ndata/)
  t.notMatch(await text('demo-crlf'), /[^\r]\n/)
  t.notMatch(await text('demo-no-done'), 'DONE')
  t.match(await (await respond(demo, { model: 'demo-done', stream: true })).text(), /\n\ndata: \[DONE\]\n\n$/)
})
