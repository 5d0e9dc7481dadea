import { once } from 'node:events'
import t from 'tap'
import { tokensOfBytes } from '../../src/upstream/demo/text.ts'
import { startDemo } from '../helpers/demo.ts'
import { chat, chatJson, contentOf, parseEvents, respond, type Json } from './support.ts'

t.test('a request is kept as it came', async t => {
  const demo = await startDemo(t, { now: () => 5 })
  await chat(demo, { seed: 1 }, { 'x-client-request-id': 'mine', authorization: 'Bearer k' })
  t.match(demo.requests, [{
    n: 1,
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { authorization: 'Bearer k', 'content-type': 'application/json' },
    receivedAt: 5,
    clientRequestId: 'mine',
    model: 'demo'
  }])
  t.match(JSON.parse(String(demo.requests[0]?.body)), { seed: 1, messages: [{ content: 'Hello there' }] })
})

t.test('finished: with the tokens of its usage', async t => {
  const demo = await startDemo(t)
  const arrived = once(demo.recorder, 'request')
  const { usage } = await chatJson(demo, { n: 2 })
  const [request] = await arrived
  t.match(await demo.recorder.ended(request), {
    ending: 'finished',
    httpStatus: 200,
    promptTokens: usage?.prompt_tokens,
    completionTokens: usage?.completion_tokens,
    emittedTokens: usage?.completion_tokens
  })
  t.equal(demo.requests[0], request)
})

t.test('aborted: with the tokens that went out before', async t => {
  const demo = await startDemo(t, { wordDelayMs: 1 })
  const caller = new AbortController()
  const aborted = once(demo.recorder, 'aborted')
  const response = await fetch(`${demo.url}/chat/completions`, {
    method: 'POST',
    signal: caller.signal,
    body: JSON.stringify({ model: 'demo-words-100000', stream: true, messages: [] })
  })
  const seen = await untilSomeWords(response)
  caller.abort()
  const [request] = await aborted
  t.match(request, { ending: 'aborted', httpStatus: 200 })
  t.ok(request.emittedTokens >= tokensOfBytes(Buffer.byteLength(seen)))
  t.ok(request.emittedTokens < request.completionTokens)
})

async function untilSomeWords (response: Response): Promise<string> {
  let text = ''
  for await (const bytes of response.body ?? []) {
    text += Buffer.from(bytes).toString()
    const content = contentOf(parseEvents(text).map(({ data }) => JSON.parse(data) as Json))
    if (content.length > 10) return content
  }
  return ''
}

t.test('aborted while it waits for an answer', async t => {
  const demo = await startDemo(t)
  const caller = new AbortController()
  const arrived = once(demo.recorder, 'request')
  const call = fetch(`${demo.url}/chat/completions`, { method: 'POST', signal: caller.signal, body: '{"model":"demo-hang"}' })
  const [request] = await arrived
  caller.abort()
  await t.rejects(call)
  t.match(await demo.recorder.ended(request), { ending: 'aborted', httpStatus: 0, emittedTokens: 0 })
})

t.test('cut: broken off by magic; errors cost nothing', async t => {
  const demo = await startDemo(t)
  const cut = await chat(demo, { model: 'demo-cut-3', stream: true })
  await t.rejects(cut.text())
  await chat(demo, { model: 'demo-500' })
  await (await respond(demo, { model: 'demo-failed' })).text()
  const [first, second, third] = await Promise.all(demo.requests.map(request => demo.recorder.ended(request)))
  t.match(first, { ending: 'cut', emittedTokens: Number })
  t.match(second, { ending: 'finished', httpStatus: 500, promptTokens: 0, completionTokens: 0, emittedTokens: 0 })
  t.match(third, { ending: 'finished', promptTokens: 0, completionTokens: 0 })
})

t.test('sums by any label', async t => {
  const demo = await startDemo(t)
  const labels = ['a', 'b', 'a']
  for (const label of labels) await (await chat(demo, {}, { 'x-client-request-id': label })).text()
  await chat(demo)
  await Promise.all(demo.requests.map(request => demo.recorder.ended(request)))
  const totals = demo.recorder.totalsBy(request => request.clientRequestId)
  const one = demo.requests[0]
  t.match(totals.get('a'), { requests: 2, finished: 2, aborted: 0, promptTokens: 2 * Number(one?.promptTokens), emittedTokens: 2 * Number(one?.emittedTokens) })
  t.strictSame([...totals.keys()], ['a', 'b'])
})

t.test('the oldest requests are forgotten, and that is known', async t => {
  const demo = await startDemo(t, { remember: 4 })
  for (let i = 0; i < 5; i++) await (await chat(demo)).text()
  t.strictSame(demo.requests.map(({ n }) => n), [3, 4, 5])
  t.equal(demo.recorder.forgotten, 2)
})
