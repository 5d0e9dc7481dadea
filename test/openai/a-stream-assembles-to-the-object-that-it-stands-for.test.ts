import t from 'tap'
import type { Endpoint } from '../../src/openai/call.ts'
import { assemble as assembleChunks } from './streams.ts'

function assemble (endpoint: Endpoint, events: readonly unknown[], format = (data: string) => `data: ${data}\n\n`): unknown {
  return assembleChunks(endpoint, events.map(event => Buffer.from(format(typeof event === 'string' ? event : JSON.stringify(event)))))
}

/** A chunk with one choice. */
function chunk (delta: object | undefined, others: object = {}, members: object = {}): object {
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 7, model: 'gpt-4o', choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...others }], usage: null, ...members }
}

const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }

t.test('text, as OpenAI streams it', async t => {
  const system = { system_fingerprint: 'fp_1', service_tier: 'default', obfuscation: 'aB3' }
  const answer = assemble('chat.completions', [
    chunk({ role: 'assistant', content: '', refusal: null }, {}, system),
    chunk({ content: 'Hé' }, {}, system),
    chunk({ content: 'llo 👋' }, {}, system),
    chunk({}, { finish_reason: 'stop' }, system),
    chunk(undefined, {}, { ...system, choices: [], usage }),
    '[DONE]'
  ])
  t.equal(JSON.stringify(answer), '{"id":"chatcmpl-1","object":"chat.completion","created":7,"model":"gpt-4o",' +
    '"choices":[{"index":0,"message":{"role":"assistant","content":"Héllo 👋","refusal":null},"logprobs":null,"finish_reason":"stop"}],' +
    '"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3},"system_fingerprint":"fp_1","service_tier":"default"}')
})

t.test('tool calls in pieces, several at once', async t => {
  const call = (index: number, others: object) => chunk({ tool_calls: [{ index, ...others }] })
  t.match(assemble('chat.completions', [
    chunk({ role: 'assistant', content: null }),
    call(1, { id: 'call_b', type: 'function', function: { name: 'g', arguments: '' } }),
    call(0, { id: 'call_a', type: 'function', function: { name: 'f', arguments: '' } }),
    call(0, { function: { arguments: '{"x"' } }),
    call(1, { id: 'call_b', type: 'function', function: { name: 'g', arguments: '{}' } }),
    call(0, { function: { arguments: ':1}' } }),
    call(2, { id: 'call_c', type: 'custom', custom: { name: 'c', input: 'a' } }),
    call(2, { custom: { input: 'b' } }),
    chunk({}, { finish_reason: 'tool_calls' })
  ]), {
    choices: [{
      message: {
        content: null,
        tool_calls: [
          { id: 'call_a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
          { id: 'call_b', type: 'function', function: { name: 'g', arguments: '{}' } },
          { id: 'call_c', type: 'custom', custom: { name: 'c', input: 'ab' } }
        ]
      }
    }]
  })
})

t.test('choices that take turns', async t => {
  const of = (index: number, others: object) => ({ choices: [{ index, ...others }] })
  t.match(assemble('chat.completions', [
    of(1, { delta: { role: 'assistant', content: 'b' } }), of(0, { delta: { role: 'assistant', content: 'a' } }), of(1, { delta: { content: 'B' } }),
    of(0, { delta: {}, finish_reason: 'stop' }), of(1, { delta: {}, finish_reason: 'length' })
  ]), { choices: [{ index: 0, message: { content: 'a' }, finish_reason: 'stop' }, { index: 1, message: { content: 'bB' }, finish_reason: 'length' }] })
})

t.test('log probabilities, a refusal, a legacy function call and annotations', async t => {
  const token = (text: string) => ({ token: text, logprob: -1, bytes: null, top_logprobs: [] })
  t.match(assemble('chat.completions', [
    chunk({ role: 'assistant', refusal: 'I ' }, { logprobs: { content: null, refusal: [token('I ')] } }),
    chunk({ refusal: 'can\'t', annotations: [{ type: 'url_citation' }] }, { logprobs: { content: null, refusal: [token('can\'t')] } }),
    chunk({ function_call: { name: 'f', arguments: '{' }, annotations: [{ type: 'other' }] }),
    chunk({ function_call: { arguments: '}' } }, { finish_reason: 'stop' })
  ]), {
    choices: [{
      logprobs: { content: null, refusal: [token('I '), token('can\'t')] },
      message: { refusal: 'I can\'t', function_call: { name: 'f', arguments: '{}' }, annotations: [{ type: 'url_citation' }, { type: 'other' }] }
    }]
  })
})

t.test('members that OpenAI does not have are kept', async t => {
  t.match(assemble('chat.completions', [
    chunk({ role: 'assistant', reasoning_content: 'Hm', reasoning_details: [{ index: 0, type: 'reasoning.text', format: 'f', text: 'a' }] }, { native_finish_reason: null }, { provider: 'P', citations: ['u'] }),
    chunk({ reasoning_content: 'm.', reasoning_details: [{ index: 0, type: 'reasoning.text', format: 'f', text: 'b' }] }, {}, { provider: 'P', citations: ['u'] }),
    chunk({ content: 'x' }, { finish_reason: 'stop', native_finish_reason: 'end_turn' }, { meta: { usage: { credits_used: 5 } } })
  ]), {
    provider: 'P',
    citations: ['u'],
    meta: { usage: { credits_used: 5 } },
    choices: [{ native_finish_reason: 'end_turn', message: { reasoning_content: 'Hmm.', reasoning_details: [{ index: 0, type: 'reasoning.text', format: 'f', text: 'ab' }] } }]
  })
})

t.test('ids left empty, roles repeated, a choice without a delta, a second finish', async t => {
  t.match(assemble('chat.completions', [
    { id: 'msg_1', choices: [{ index: 0, delta: { role: 'assistant', content: 'a' } }] },
    { id: '', choices: [{ index: 0, delta: { role: 'assistant', content: 'b' } }] },
    { id: '', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage },
    { id: '', choices: [{ index: 0, finish_reason: 'stop' }], usage: null }
  ]), { id: 'msg_1', usage, choices: [{ finish_reason: 'stop', message: { role: 'assistant', content: 'ab' } }] })
})

t.test('CRLF, comments, names and data in several lines', async t => {
  const format = (data: string) => `: ping\r\n\r\nevent: x\r\nid: 1\r\n${data.replace(/(?<=,)/, '\n').split('\n').map(line => `data:${line}\r\n`).join('')}\r\n`
  t.match(assemble('chat.completions', [chunk({ content: 'x' }, { finish_reason: 'stop' })], format), { choices: [{ message: { content: 'x' } }] })
})

t.test('what cannot be told apart or read comes to nothing', async t => {
  for (const bad of ['{', 'null', { choices: [{ delta: { content: 'x' } }] }, { choices: [{ index: 0, delta: { tool_calls: [{ id: 'a' }] } }] }]) {
    t.equal(assemble('chat.completions', [chunk({ content: 'x' }), bad, chunk({}, { finish_reason: 'stop' })]), null, JSON.stringify(bad))
  }
  t.equal(assemble('chat.completions', ['[DONE]']), null)
})

t.test('a member cannot reach an object\'s prototype', async t => {
  const answer = assemble('chat.completions', ['{"__proto__":{"polluted":1},"choices":[{"index":0,"delta":{"__proto__":{"polluted":1}},"__proto__":{"polluted":1},"finish_reason":"stop"}]}'])
  t.notMatch(JSON.stringify(answer), 'polluted')
  t.equal(Reflect.get({}, 'polluted'), undefined)
  t.equal(Reflect.get(Object(answer), 'polluted'), undefined)
})

const item = { type: 'response.output_item.done', output_index: 0, item: { id: 'msg_1', type: 'message', content: [{ type: 'output_text', text: 'He said "response.failed"' }] } }

t.test('a response is the one in the terminal event', async t => {
  for (const status of ['completed', 'incomplete', 'failed']) {
    const response = { id: 'resp_1', status, output: [item.item] }
    const begun = { ...response, status: 'in_progress', output: [] }
    t.strictSame(assemble('responses', [{ type: 'response.created', response: begun }, item, { type: `response.${status}`, response }, '[DONE]']), response)
  }
})

t.test('a response without its terminal event, or with another output than was streamed, comes to nothing', async t => {
  const completed = { type: 'response.completed', response: { id: 'resp_1', output: [] } }
  t.equal(assemble('responses', [{ type: 'response.created', response: { output: [] } }, item]), null)
  t.equal(assemble('responses', [item, completed]), null)
  t.equal(assemble('responses', ['{"type":"response.completed","response":{']), null)
  t.equal(assemble('responses', ['{"type":"response.completed","response":null}']), null)
})
