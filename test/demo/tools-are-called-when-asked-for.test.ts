import t from 'tap'
import Schema from 'typebox/schema'
import { startDemo } from '../helpers/demo.ts'
import { chat, chatJson, chunksOf, respond, respondJson, chunksOf as eventsAsJson, type Json } from './support.ts'

const parameters = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1, maximum: 7 } }, required: ['city', 'days'] }
const functions = [{ name: 'get_weather', parameters }, { name: 'findTrain', parameters }, { name: 'noop' }]
const tools = functions.map(described => ({ type: 'function', function: described }))
const ask = (content: string): object => ({ messages: [{ role: 'user', content }], tools })

const called = (json: Json): unknown[] => (json.choices?.[0]?.message?.tool_calls ?? [] as unknown as Json).map(call => call.function?.name)

t.test('in chat: by mention, by force, in parallel', async t => {
  const demo = await startDemo(t)
  const cases: ReadonlyArray<readonly [question: string, more: object, names: readonly string[]]> = [
    ['Hello', {}, []],
    ['How is the weather?', {}, ['get_weather']],
    ['The weather, and a train', {}, ['get_weather', 'findTrain']],
    ['The weather, and a train', { parallel_tool_calls: false }, ['get_weather']],
    ['The weather, and a train', { tool_choice: 'none' }, []],
    ['Hello', { tool_choice: 'required' }, ['get_weather']],
    ['A train', { tool_choice: 'required' }, ['findTrain']],
    ['Hello', { tool_choice: { type: 'function', function: { name: 'noop' } } }, ['noop']]
  ]
  for (const [question, more, names] of cases) {
    const json = await chatJson(demo, { ...ask(question), ...more })
    t.strictSame(called(json), names, `${question} ${JSON.stringify(more)}`)
    t.equal(json.choices?.[0]?.finish_reason, names.length > 0 ? 'tool_calls' : 'stop')
  }
})

t.test('the arguments are valid, and streamed piece by piece', async t => {
  const demo = await startDemo(t)
  const json = await chatJson(demo, ask('weather and train'))
  const calls = json.choices?.[0]?.message?.tool_calls ?? []
  for (const call of calls) t.ok(Schema.Check(parameters, JSON.parse(String(call.function?.arguments))))

  const chunks = await chunksOf(await chat(demo, { ...ask('weather and train'), stream: true }))
  const deltas = chunks.flatMap(chunk => chunk.choices?.[0]?.delta?.tool_calls ?? [])
  for (const [index, call] of calls.entries()) {
    const own = deltas.filter(delta => Number(delta.index) === index)
    t.match(own[0], { type: 'function', id: String, function: { name: call.function?.name, arguments: '' } })
    t.equal(own.map(delta => delta.function?.arguments).join(''), call.function?.arguments)
  }
  t.equal(chunks.at(-1)?.choices?.[0]?.finish_reason, 'tool_calls')
})

t.test('after a tool has answered there is text', async t => {
  const demo = await startDemo(t)
  const messages = [
    { role: 'user', content: 'How is the weather?' },
    { role: 'assistant', content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'get_weather', arguments: '{}' } }] },
    { role: 'tool', tool_call_id: 'a', content: 'sunny' }
  ]
  const json = await chatJson(demo, { messages, tools, tool_choice: 'required' })
  t.match(json.choices, [{ finish_reason: 'stop', message: { content: /weather/ } }])
})

t.test('in responses: as items of their own', async t => {
  const demo = await startDemo(t)
  const flat = functions.map(described => ({ type: 'function', ...described }))
  const json = await respondJson(demo, { input: 'weather and train', tools: flat })
  t.match(json.output, [{ type: 'function_call', name: 'get_weather' }, { type: 'function_call', name: 'findTrain' }])
  t.ok(Schema.Check(parameters, JSON.parse(String(json.output?.[0]?.arguments))))

  const events = await eventsAsJson(await respond(demo, { input: 'weather and train', tools: flat, stream: true }))
  const deltas = events.filter(({ type, output_index: index }) => String(type) === 'response.function_call_arguments.delta' && Number(index) === 1)
  t.equal(deltas.map(({ delta }) => delta).join(''), json.output?.[1]?.arguments)

  const input = [{ role: 'user', content: 'weather' }, { type: 'function_call_output', call_id: 'a', output: 'sunny' }]
  t.match((await respondJson(demo, { input, tools: flat })).output, [{ type: 'message' }])
  t.match((await respondJson(demo, { tools: flat, tool_choice: { type: 'function', name: 'noop' } })).output, [{ name: 'noop', arguments: '{}' }])
})
