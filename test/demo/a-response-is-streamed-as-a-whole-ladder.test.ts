import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { chunksOf, eventsOf, respond, respondJson, type Json } from './support.ts'

const typesOf = (events: readonly Json[]): string[] =>
  events.map(({ type }) => String(type)).filter((type, i, all) => type !== all[i - 1])

t.test('from created to completed, numbered, each event named by its type', async t => {
  const demo = await startDemo(t)
  const raw = await eventsOf(await respond(demo, { stream: true }))
  const events = raw.map(({ data }) => JSON.parse(data) as Json)
  t.strictSame(typesOf(events), [
    'response.created', 'response.in_progress',
    'response.output_item.added', 'response.content_part.added', 'response.output_text.delta', 'response.output_text.done',
    'response.content_part.done', 'response.output_item.done',
    'response.completed'
  ])
  t.strictSame(raw.map(({ event }) => event), events.map(({ type }) => type))
  t.strictSame(events.map(event => event.sequence_number), events.map((_, i) => i))
})

t.test('the end is what the JSON answer is, but for ids', async t => {
  const demo = await startDemo(t, { now: () => 0 })
  const json = await respondJson(demo)
  const events = await chunksOf(await respond(demo, { stream: true }))
  const deltas = events.filter(({ type }) => String(type) === 'response.output_text.delta').map(({ delta }) => delta)
  t.equal(deltas.join(''), json.output_text)
  t.match(events.at(-1)?.response, { status: 'completed', output_text: json.output_text, usage: json.usage })
  t.strictSame(events[0]?.response?.output, [])
})

t.test('reasoning is an item before the message', async t => {
  const demo = await startDemo(t)
  const events = await chunksOf(await respond(demo, { stream: true, reasoning: { effort: 'low', summary: 'auto' } }))
  t.strictSame(typesOf(events).slice(2, 8), [
    'response.output_item.added', 'response.reasoning_summary_part.added', 'response.reasoning_summary_text.delta',
    'response.reasoning_summary_text.done', 'response.reasoning_summary_part.done', 'response.output_item.done'
  ])
  const { response } = events.at(-1) as Json
  t.match(response?.output, [{ type: 'reasoning' }, { type: 'message' }])
  t.ok(Number(response?.usage?.output_tokens_details?.reasoning_tokens) > 0)
})

t.test('calls have no content part', async t => {
  const demo = await startDemo(t)
  const tools = [{ type: 'function', name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }]
  const events = await chunksOf(await respond(demo, { stream: true, input: 'weather', tools }))
  t.strictSame(typesOf(events), [
    'response.created', 'response.in_progress', 'response.output_item.added', 'response.function_call_arguments.delta',
    'response.function_call_arguments.done', 'response.output_item.done', 'response.completed'
  ])
})

t.test('an answer that is cut short ends as incomplete, a failure as failed', async t => {
  const demo = await startDemo(t)
  const short = await chunksOf(await respond(demo, { stream: true, max_output_tokens: 4 }))
  t.match(short.at(-1), { type: 'response.incomplete', response: { status: 'incomplete', usage: { output_tokens: 4 } } })
  const failed = await chunksOf(await respond(demo, { stream: true, model: 'demo-failed' }))
  t.match(failed.at(-1), { type: 'response.failed', response: { status: 'failed', error: { code: 'server_error' }, usage: null } })
})
