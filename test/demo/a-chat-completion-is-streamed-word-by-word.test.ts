import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { chat, chatJson, chunksOf, contentOf, eventsOf } from './support.ts'

t.test('role, words, finish, [DONE]: and no usage unless it is asked for', async t => {
  const demo = await startDemo(t)
  const events = await eventsOf(await chat(demo, { stream: true }))
  t.equal(events.at(-1)?.data, '[DONE]')
  t.ok(events.every(({ event }) => event === undefined), 'chat events have no name')

  const chunks = await chunksOf(await chat(demo, { stream: true }))
  t.match(chunks[0]?.choices, [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }])
  t.match(chunks.at(-1)?.choices, [{ index: 0, delta: {}, finish_reason: 'stop' }])
  t.notOk(chunks.some(chunk => 'usage' in chunk))
  t.equal(new Set(chunks.map(({ id, created, model, object }) => `${id} ${created} ${model} ${object}`)).size, 1)
})

t.test('the words are those of the JSON answer', async t => {
  const demo = await startDemo(t)
  const json = await chatJson(demo)
  const chunks = await chunksOf(await chat(demo, { stream: true }))
  t.equal(contentOf(chunks), json.choices?.[0]?.message?.content)
  t.ok(chunks.slice(1, -1).every(chunk => /^\s*\S+$/.test(String(chunk.choices?.[0]?.delta?.content))), 'one word a chunk')
})

t.test('usage comes in a chunk of its own when it is asked for', async t => {
  const demo = await startDemo(t)
  const json = await chatJson(demo)
  const chunks = await chunksOf(await chat(demo, { stream: true, stream_options: { include_usage: true } }))
  t.strictSame(chunks.at(-1)?.choices, [])
  t.strictSame(chunks.at(-1)?.usage, json.usage)
  t.ok(chunks.slice(0, -1).every(chunk => chunk.usage === null))
})

t.test('several choices differ and take turns', async t => {
  const demo = await startDemo(t)
  const json = await chatJson(demo, { n: 3 })
  const chunks = await chunksOf(await chat(demo, { n: 3, stream: true }))
  for (const index of [0, 1, 2]) {
    const own = chunks.filter(chunk => Number(chunk.choices?.[0]?.index) === index)
    t.equal(contentOf(own), json.choices?.[index]?.message?.content)
  }
  t.strictSame(chunks.slice(0, 4).map(chunk => chunk.choices?.[0]?.index), [0, 1, 2, 0])
  t.not(json.choices?.[0]?.message?.content, json.choices?.[1]?.message?.content)
})

t.test('each word has its log probability when they are asked for', async t => {
  const demo = await startDemo(t)
  const json = await chatJson(demo, { logprobs: true, top_logprobs: 2 })
  const chunks = await chunksOf(await chat(demo, { logprobs: true, top_logprobs: 2, stream: true }))
  const listed = json.choices?.[0]?.logprobs?.content ?? []
  t.equal(listed.map(({ token }) => token).join(''), json.choices?.[0]?.message?.content)
  t.ok(listed.every(({ top_logprobs: top }) => top?.length === 2))
  t.strictSame(chunks.flatMap(chunk => chunk.choices?.[0]?.logprobs?.content ?? []), listed)
})

t.test('reasoning is streamed before the words, and counts', async t => {
  const demo = await startDemo(t)
  const json = await chatJson(demo, { reasoning_effort: 'low' })
  const chunks = await chunksOf(await chat(demo, { reasoning_effort: 'low', stream: true }))
  const thought = chunks.map(chunk => chunk.choices?.[0]?.delta?.reasoning_content ?? '').join('')
  t.equal(thought, json.choices?.[0]?.message?.reasoning_content)
  t.ok(Number(json.usage?.completion_tokens_details?.reasoning_tokens) > 0)
})
