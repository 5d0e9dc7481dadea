import { request } from 'node:http'
import { once } from 'node:events'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { chat, chatJson, chunksOf, contentOf, jsonOf, post, respond, respondJson, type Json } from './support.ts'

const stream = { stream: true, stream_options: { include_usage: true } }
const said = (json: Json): string => String(json.choices?.[0]?.message?.content)

t.test('length', async t => {
  const demo = await startDemo(t)
  t.equal(said(await chatJson(demo, { model: 'demo-words-7' })).split(' ').length, 7)
  t.equal(said(await chatJson(demo, { model: 'demo-words' })).split(' ').length, 100)
  t.equal(said(await chatJson(demo, { model: 'demo-big-3' })).length, 3 * 1024)
  t.equal(contentOf(await chunksOf(await chat(demo, { model: 'demo-big-40', ...stream }))).length, 40 * 1024)
  t.equal(String((await respondJson(demo, { model: 'demo-big-3' })).output_text).length, 3 * 1024)
})

t.test('finish', async t => {
  const demo = await startDemo(t)
  t.match(await chatJson(demo, { model: 'demo-length' }), { choices: [{ finish_reason: 'length' }] })
  t.match(await chatJson(demo, { model: 'demo-filter' }), { choices: [{ finish_reason: 'content_filter' }] })
  t.match(await respondJson(demo, { model: 'demo-length' }), { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })
  t.match(await respondJson(demo, { model: 'demo-filter' }), { status: 'incomplete', incomplete_details: { reason: 'content_filter' } })
})

t.test('refusal', async t => {
  const demo = await startDemo(t)
  const json = await chatJson(demo, { model: 'demo-refusal' })
  t.match(json.choices, [{ message: { content: null, refusal: /sorry/ }, finish_reason: 'stop' }])
  const chunks = await chunksOf(await chat(demo, { model: 'demo-refusal', stream: true }))
  t.equal(chunks.map(chunk => chunk.choices?.[0]?.delta?.refusal ?? '').join(''), json.choices?.[0]?.message?.refusal)
  const events = await chunksOf(await respond(demo, { model: 'demo-refusal', stream: true }))
  t.match(events.at(-1)?.response?.output, [{ content: [{ type: 'refusal', refusal: json.choices?.[0]?.message?.refusal }] }])
  t.ok(events.some(({ type }) => String(type) === 'response.refusal.delta'))
})

t.test('failure', async t => {
  const demo = await startDemo(t)
  t.match(await respondJson(demo, { model: 'demo-failed' }), { status: 'failed', error: { code: 'server_error' } })
  t.equal((await chat(demo, { model: 'demo-failed' })).status, 500)
})

t.test('model', async t => {
  const demo = await startDemo(t)
  t.equal((await chatJson(demo, { model: 'demo-other-model' })).model, 'demo-somewhere-else')
  t.equal((await respondJson(demo, { model: 'demo-other-model' })).model, 'demo-somewhere-else')
  const models = [await chatJson(demo, { model: 'demo-fallback' }), await chatJson(demo, { model: 'demo-fallback' })].map(({ model }) => model)
  t.strictSame(models, ['demo-fallback', 'demo'])
})

t.test('usage as AIMLAPI streams it for Claude', async t => {
  const demo = await startDemo(t)
  const chunks = await chunksOf(await chat(demo, { model: 'demo-usage-on-finish', stream: true }))
  const [first, second] = chunks
  t.match(first?.id, /^msg_/)
  t.match(second, { id: '', choices: [{ delta: { role: 'assistant' } }], usage: null })
  t.notOk('finish_reason' in (second?.choices?.[0] ?? {}))
  t.match(chunks.at(-2), { choices: [{ finish_reason: 'stop' }], usage: { completion_tokens: Number } })
  t.strictSame(chunks.at(-1)?.choices, [{ index: 0, finish_reason: 'stop' }])
  t.equal(contentOf(chunks), said(await chatJson(demo, { model: 'demo-usage-on-finish' })))
})

t.test('no usage, and partly cached usage', async t => {
  const demo = await startDemo(t)
  t.notOk('usage' in await chatJson(demo, { model: 'demo-no-usage' }))
  t.notOk((await chunksOf(await chat(demo, { model: 'demo-no-usage', ...stream }))).some(({ usage }) => usage))
  t.equal((await respondJson(demo, { model: 'demo-no-usage' })).usage, null)
  t.match(await chatJson(demo, { model: 'demo-cached-34' }), { usage: { prompt_tokens: 3, prompt_tokens_details: { cached_tokens: 1 } } })
  t.match(await respondJson(demo, { model: 'demo-cached-100' }), { usage: { input_tokens_details: { cached_tokens: 3 } } })
})

t.test('price: 500 nano-USD a token', async t => {
  const demo = await startDemo(t)
  const model = 'demo-aimlapi-cost'
  const response = await chat(demo, { model })
  const { usage, meta } = await jsonOf(response)
  const price = { credits_used: usage?.total_tokens, usd_spent: Number(usage?.total_tokens) * 500 / 1e9 }
  t.strictSame(meta, { usage: price })
  t.equal(response.headers.get('x-aimlapi-usd-spent'), price.usd_spent.toFixed(9))
  t.equal(response.headers.get('x-aimlapi-credits-used'), String(price.credits_used))

  const streamed = await chat(demo, { model, stream: true })
  t.equal(streamed.headers.get('x-aimlapi-usd-spent'), null)
  const chunks = await chunksOf(streamed)
  t.strictSame([chunks.at(-1)?.meta, chunks.at(-1)?.usage], [{ usage: price }, undefined])
  t.match((await chunksOf(await chat(demo, { model, ...stream }))).at(-1), { usage: { total_tokens: price.credits_used }, meta: { usage: price } })
  t.match((await chunksOf(await respond(demo, { model, stream: true }))).at(-1)?.response, { meta: { usage: price } })
  t.match(await jsonOf(await post(demo, '/embeddings', { model, input: 'abcd' })), { meta: { usage: { credits_used: 1 } } })
})

t.test('status and headers', async t => {
  const demo = await startDemo(t)
  for (const more of [{}, { stream: true }]) t.equal((await chat(demo, { model: 'demo-201', ...more })).status, 201)
  const { headers } = await chat(demo, { model: 'demo-cookies' }, { 'x-client-request-id': 'mine' })
  t.equal(headers.getSetCookie().length, 2)
  t.match(Object.fromEntries(headers), { server: 'cloudflare', 'openai-organization': 'org-demo', 'x-ratelimit-reset-tokens': '6m0s' })
  t.match(Object.fromEntries(headers), { 'x-request-id': String, 'x-inference-id': String, 'x-client-request-id': 'mine' })
  t.equal((await chat(demo, { model: 'demo-big-headers-4' })).headers.get('x-demo-filler')?.length, 4 * 1024)
})

t.test('early hints', async t => {
  const demo = await startDemo(t)
  const call = request(`${demo.url}/chat/completions`, { method: 'POST' })
  call.end(JSON.stringify({ model: 'demo-early-hints', messages: [] }))
  const [hints, [response]] = await Promise.all([once(call, 'information'), once(call, 'response')])
  t.match(hints, [{ statusCode: 103 }])
  t.equal(response.statusCode, 200)
  response.resume()
})

t.test('gzip', async t => {
  const demo = await startDemo(t)
  for (const more of [{}, { stream: true }]) {
    const call = request(`${demo.url}/chat/completions`, { method: 'POST' })
    call.end(JSON.stringify({ model: 'demo-gzip', messages: [], ...more }))
    const [response] = await once(call, 'response')
    t.equal(response.headers['content-encoding'], 'gzip')
    t.match(gunzipSync(Buffer.concat(await response.toArray())).toString(), 'demo-gzip')
  }
})
