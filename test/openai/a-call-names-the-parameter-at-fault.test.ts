import { test } from 'tap'
import { readCall } from '../../src/openai/call.ts'
import type { Call, Endpoint } from '../../src/openai/call.ts'
import { refuses, wide } from './bounds.ts'

const chat = (members: string): string => `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]${members}}`
const read = (endpoint: Endpoint, text: string): Call => readCall(endpoint, Buffer.from(text), wide)

test('what the gateway relies on is read', async t => {
  const call = read('chat.completions', chat(',"stream":true,"stream_options":{"include_usage":true},"seed":9007199254740993,"max_tokens":100,"n":3'))
  t.match(call, { endpoint: 'chat.completions', model: 'gpt-4o', stream: true, includeUsage: true, seed: '9007199254740993', maxOutputTokens: 100, choices: 3 })
  t.match(read('chat.completions', chat('')), { stream: false, includeUsage: false, seed: null, maxOutputTokens: null, choices: 1 })
  t.match(read('responses', '{"model":"o3","max_output_tokens":16,"stream":true,"seed":1,"n":2}'), { model: 'o3', stream: true, seed: null, maxOutputTokens: 16, choices: 1 })
  t.match(read('embeddings', '{"model":"e","input":[1,2],"stream":true,"max_tokens":"x"}'), { stream: false, maxOutputTokens: null })
})

test('null is absent', async t => {
  const call = read('chat.completions', chat(',"stream":null,"stream_options":null,"seed":null,"max_tokens":null,"max_completion_tokens":null,"n":null'))
  t.match(call, { stream: false, includeUsage: false, seed: null, maxOutputTokens: null, choices: 1 })
  t.match(read('chat.completions', chat(',"stream_options":{"include_usage":null}')), { includeUsage: false })
})

test('the larger of two caps counts, for the upstream may obey either', async t => {
  t.equal(read('chat.completions', chat(',"max_tokens":10,"max_completion_tokens":20')).maxOutputTokens, 20)
  t.equal(read('chat.completions', chat(',"max_tokens":30,"max_completion_tokens":20')).maxOutputTokens, 30)
})

test('a model is a name of 1 to 256 characters', async t => {
  refuses(t, () => read('responses', '{"input":"x"}'), { code: 'missing_required_parameter', param: 'model' }, 'absent')
  refuses(t, () => read('responses', '{"model":null}'), { code: 'missing_required_parameter', param: 'model' }, 'null')
  for (const model of ['1', 'true', '["a"]', '{}']) refuses(t, () => read('responses', `{"model":${model}}`), { code: 'invalid_type', param: 'model' }, model)
  for (const model of ['', 'x'.repeat(257), 'x'.repeat(1 << 20)]) refuses(t, () => read('responses', `{"model":"${model}"}`), { code: 'invalid_value', param: 'model' }, `${model.length} characters`)
  for (const model of ['a\\u0000b', '\\n', '\\ud800', '\\u0085']) refuses(t, () => read('responses', `{"model":"${model}"}`), { code: 'model_not_found', param: 'model' }, model)
  for (const model of ['a\\xb', 'a\tb']) refuses(t, () => read('responses', `{"model":"${model}"}`), { code: 'invalid_json', param: 'model' }, model)
  t.equal(read('responses', '{"model":"m\\u006fd\\u00e9l/é😀"}').model, 'modél/é😀')
  t.equal(read('responses', `{"model":"${'x'.repeat(256)}"}`).model.length, 256)
})

test('chat needs messages, embeddings need input', async t => {
  for (const text of ['{"model":"a"}', '{"model":"a","messages":null}']) refuses(t, () => read('chat.completions', text), { code: 'missing_required_parameter', param: 'messages' }, text)
  for (const messages of ['"hi"', '{}', '1']) refuses(t, () => read('chat.completions', `{"model":"a","messages":${messages}}`), { code: 'invalid_type', param: 'messages' }, messages)
  for (const messages of ['[]', '[ \n]']) refuses(t, () => read('chat.completions', `{"model":"a","messages":${messages}}`), { code: 'invalid_value', param: 'messages' }, messages)
  refuses(t, () => read('embeddings', '{"model":"a"}'), { code: 'missing_required_parameter', param: 'input' }, 'no input')
  t.ok(read('responses', '{"model":"a"}'), 'a response may go on from a prompt or a conversation')
})

test('switches are true or false', async t => {
  for (const value of ['"true"', '1', '[]']) {
    refuses(t, () => read('chat.completions', chat(`,"stream":${value}`)), { code: 'invalid_type', param: 'stream' }, value)
    refuses(t, () => read('chat.completions', chat(`,"stream_options":{"include_usage":${value}}`)), { code: 'invalid_type', param: 'stream_options.include_usage' }, value)
  }
  for (const value of ['true', '"x"', '[]']) refuses(t, () => read('chat.completions', chat(`,"stream_options":${value}`)), { code: 'invalid_type', param: 'stream_options' }, value)
  refuses(t, () => read('chat.completions', chat(',"stream_options":{"include_usage":true,"include\\u005fusage":false}')), { code: 'duplicate_key', param: 'stream_options.include_usage' }, 'twice')
})

test('counts are integers in range', async t => {
  const outside = { n: ['0', '-1', '1e9', '129'], max_tokens: ['0', '-1', '1.5', '1e12', '2147483648', '0.99999999999999999999'], max_completion_tokens: ['-1', '1e999999999'] }
  for (const [param, values] of Object.entries(outside)) {
    for (const value of values) refuses(t, () => read('chat.completions', chat(`,"${param}":${value}`)), { code: 'invalid_value', param }, `${param}: ${value}`)
  }
  refuses(t, () => read('responses', '{"model":"a","max_output_tokens":0}'), { code: 'invalid_value', param: 'max_output_tokens' }, 'max_output_tokens')
  for (const param of ['n', 'max_tokens', 'seed']) refuses(t, () => read('chat.completions', chat(`,"${param}":"2"`)), { code: 'invalid_type', param }, `${param} as a string`)
  t.match(read('chat.completions', chat(',"n":128,"max_tokens":1.2e2')), { choices: 128, maxOutputTokens: 120 })
})

test('a seed is any 64-bit integer, in one spelling', async t => {
  for (const [spelled, seed] of [
    ['42', '42'], ['0', '0'], ['-0', '0'], ['-0.0', '0'], ['1.0', '1'], ['1e3', '1000'], ['1200e-2', '12'], ['-7', '-7'], ['9007199254740993', '9007199254740993'],
    ['9223372036854775807', '9223372036854775807'], ['-9223372036854775808', '-9223372036854775808'], ['922337203685477580.7e1', '9223372036854775807']
  ] as const) t.equal(read('chat.completions', chat(`,"seed":${spelled}`)).seed, seed, spelled)
  for (const value of ['1.5', '1e-1', '9223372036854775808', '-9223372036854775809', '1e19', '1e400']) refuses(t, () => read('chat.completions', chat(`,"seed":${value}`)), { code: 'invalid_value', param: 'seed' }, value)
})

test('a number beyond all doubles is refused by name, wherever it stands at the top', async t => {
  for (const value of ['1e400', '-1e400', '1e309']) refuses(t, () => read('chat.completions', chat(`,"temperature":${value}`)), { code: 'invalid_value', param: 'temperature' }, value)
  t.ok(read('chat.completions', chat(',"temperature":1e308,"logit_bias":{"1":1e400}')), 'below the top it is the upstream\'s to judge')
})

test('unknown parameters are nobody\'s business', async t => {
  t.ok(read('chat.completions', chat(',"provider":"auto","reasoning":{"effort":"xhigh"},"transforms":[],"tools":[{"constructor":{"prototype":{}},"__proto__":1}]')))
})
