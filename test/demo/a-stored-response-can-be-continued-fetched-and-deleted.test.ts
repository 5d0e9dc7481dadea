import t from 'tap'
import { demoTokens } from '../../src/upstream/demo.ts'
import { startDemo } from '../helpers/demo.ts'
import { chunksOf, get, jsonOf, post, respond, respondJson } from './support.ts'

t.test('the next response counts the conversation before it', async t => {
  const demo = await startDemo(t)
  const first = await respondJson(demo, { input: 'One', instructions: 'Not inherited' })
  const second = await respondJson(demo, { input: 'Two', previous_response_id: first.id })
  t.equal(second.usage?.input_tokens, demoTokens(`One\n${first.output_text}\nTwo`))
  t.equal(second.previous_response_id, first.id)
  t.equal((await respond(demo, { previous_response_id: 'resp_unknown' })).status, 400)
})

t.test('it can be fetched, as JSON and as a stream, until it is deleted', async t => {
  const demo = await startDemo(t)
  const created = await respondJson(demo)
  t.strictSame(await get(demo, `/responses/${created.id}`), created)

  const replayed = await chunksOf(await fetch(`${demo.url}/responses/${created.id}?stream=true&starting_after=3`))
  t.match(replayed[0], { sequence_number: 4 })
  t.match(replayed.at(-1), { type: 'response.completed', response: { id: created.id } })

  const deleted = await fetch(`${demo.url}/responses/${created.id}`, { method: 'DELETE' })
  t.match(await jsonOf(deleted), { id: created.id, deleted: true })
  t.equal((await fetch(`${demo.url}/responses/${created.id}`)).status, 404)
})

t.test('one that is not to be stored is not', async t => {
  const demo = await startDemo(t)
  const { id } = await respondJson(demo, { store: false })
  t.equal((await fetch(`${demo.url}/responses/${id}`)).status, 404)
})

t.test('its input is listed, the newest item first', async t => {
  const demo = await startDemo(t)
  const { id } = await respondJson(demo, { input: [{ role: 'user', content: 'One' }, { role: 'user', content: 'Two' }] })
  const list = await get(demo, `/responses/${id}/input_items`)
  t.match(list, { object: 'list', has_more: false, data: [{ id: String, content: 'Two' }, { id: String, content: 'One' }] })
  t.strictSame([list.first_id, list.last_id], [list.data?.[0]?.id, list.data?.[1]?.id])
})

t.test('a background response is queued, and completes when it is asked for', async t => {
  const demo = await startDemo(t)
  const queued = await respondJson(demo, { background: true })
  t.match(queued, { status: 'queued', output: [], usage: null })
  t.match(await get(demo, `/responses/${queued.id}`), { status: 'completed', output: [{ type: 'message' }], usage: { output_tokens: Number } })
})

t.test('a background response can be cancelled, no other', async t => {
  const demo = await startDemo(t)
  const cancel = (id: unknown): Promise<Response> => fetch(`${demo.url}/responses/${String(id)}/cancel`, { method: 'POST' })
  const queued = await respondJson(demo, { background: true })
  t.match(await jsonOf(await cancel(queued.id)), { id: queued.id, status: 'cancelled' })
  t.match(await get(demo, `/responses/${queued.id}`), { status: 'cancelled' })
  t.equal((await cancel((await respondJson(demo)).id)).status, 400)
})

t.test('compaction keeps the messages of the user and one opaque item', async t => {
  const demo = await startDemo(t)
  const input = [{ role: 'user', content: 'One' }, { role: 'assistant', content: 'Two' }]
  const compacted = await jsonOf(await post(demo, '/responses/compact', { model: 'demo', input }))
  t.match(compacted, { object: 'response.compaction', output: [{ role: 'user' }, { type: 'compaction' }], usage: { input_tokens: 2 } })
  t.equal(compacted.output?.length, 2)
})
