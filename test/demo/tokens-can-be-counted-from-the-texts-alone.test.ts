import fc from 'fast-check'
import t from 'tap'
import { firstTokens } from '../../src/upstream/demo/text.ts'
import { demoTokens } from '../../src/upstream/demo.ts'
import { startDemo } from '../helpers/demo.ts'
import { chat, chatJson, jsonOf, post, respondJson } from './support.ts'

t.test('one token is four bytes of UTF-8', async t => {
  t.strictSame(['', 'a', 'abcd', 'abcde', '東京', '🚦'].map(demoTokens), [0, 1, 1, 2, 2, 1])
})

t.test('the first tokens of a text are a start of it, whole characters, and never more than asked for', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(20), (text, tokens) => {
    const start = firstTokens(text, tokens)
    return text.startsWith(start) && demoTokens(start) === Math.min(tokens, demoTokens(text))
  }))
})

t.test('chat counts the texts of its messages, joined by newlines, and what it answers', async t => {
  const demo = await startDemo(t)
  const json = await chatJson(demo, {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Look:' }, { type: 'image_url', image_url: { url: 'data:,' } }] },
      { role: 'assistant', content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] },
      { role: 'tool', tool_call_id: 'a', content: 'done' }
    ]
  })
  t.match(json.usage, {
    prompt_tokens: demoTokens('Be brief.\nLook:\n{"a":1}\ndone'),
    completion_tokens: demoTokens(String(json.choices?.[0]?.message?.content))
  })
  t.equal(json.usage?.total_tokens, Number(json.usage?.prompt_tokens) + Number(json.usage?.completion_tokens))
})

t.test('responses count instructions and input', async t => {
  const demo = await startDemo(t)
  const json = await respondJson(demo, { instructions: 'Be brief.', input: [{ role: 'user', content: 'Hello' }] })
  t.match(json.usage, { input_tokens: demoTokens('Be brief.\nHello'), output_tokens: demoTokens(String(json.output_text)) })

  const counted = await jsonOf(await post(demo, '/responses/input_tokens', { model: 'demo', instructions: 'Be brief.', input: 'Hello' }))
  t.strictSame(counted, { object: 'response.input_tokens', input_tokens: demoTokens('Be brief.\nHello') })
})

t.test('a cap and a stop end the answer early', async t => {
  const demo = await startDemo(t)
  const whole = String((await chatJson(demo)).choices?.[0]?.message?.content)
  for (const cap of [{ max_tokens: 5 }, { max_completion_tokens: 5 }]) {
    const capped = await chatJson(demo, cap)
    t.match(capped, { choices: [{ finish_reason: 'length', message: { content: firstTokens(whole, 5) } }], usage: { completion_tokens: 5 } })
  }
  const stopped = await chatJson(demo, { stop: ['nowhere', ' said'] })
  t.match(stopped.choices, [{ finish_reason: 'stop', message: { content: 'You' } }])
  const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } } }]
  for (const more of [{ reasoning_effort: 'low' }, { model: 'demo-refusal' }, { tools, tool_choice: 'required' }]) {
    t.match(await chatJson(demo, { ...more, max_tokens: 2 }), { choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 2 } })
  }
  t.match(await respondJson(demo, { max_output_tokens: 5 }), {
    status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, usage: { output_tokens: 5 }
  })
})

t.test('unknown fields make no difference', async t => {
  const demo = await startDemo(t)
  t.equal((await chat(demo, { provider: 'auto', top_k: 3, messages_: [] })).status, 200)
})
