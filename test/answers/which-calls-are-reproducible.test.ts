import t from 'tap'
import { reproducibility } from '../../src/answers/reproducible.ts'
import type { BypassReason } from '../../src/answers/reproducible.ts'
import type { Endpoint } from '../../src/openai/call.ts'
import { callOf } from './call-of.ts'

const optIn = { 'x-tollgate-cache': 'reproducible' }
const yes = { reproducible: true, refresh: false }
const unasked = { reproducible: false, reason: null }
const no = (reason: BypassReason) => ({ reproducible: false, reason })

t.test('a chat completion asks by its seed', async t => {
  for (const seed of ['0', '42', '-1', '9007199254740993', '9223372036854775807']) {
    t.strictSame(reproducibility(callOf('chat.completions', `{"model":"m","messages":[{"role":"user","content":"x"}],"seed":${seed}}`), {}), yes, seed)
  }
  for (const without of [{}, { seed: null }]) t.strictSame(reproducibility(callOf('chat.completions', without), {}), unasked)
  t.strictSame(reproducibility(callOf('chat.completions', {}), optIn), no('no-seed'))
})

t.test('a response asks by the header, and must not be stored upstream', async t => {
  t.strictSame(reproducibility(callOf('responses', { store: false }), optIn), yes)
  t.strictSame(reproducibility(callOf('responses', { store: false }), {}), unasked)
  t.strictSame(reproducibility(callOf('responses', { store: false }), { 'x-tollgate-cache': 'other' }), unasked)
  for (const stored of [{}, { store: null }, { store: true }]) t.strictSame(reproducibility(callOf('responses', stored), optIn), no('store'))
})

t.test('embeddings are never asked for', async t => {
  t.strictSame(reproducibility(callOf('embeddings', { seed: 1 }), {}), unasked)
  t.strictSame(reproducibility(callOf('embeddings', {}), optIn), no('endpoint'))
})

t.test('cache-control declines or refreshes', async t => {
  const call = callOf('chat.completions', { seed: 1 })
  t.strictSame(reproducibility(call, { 'cache-control': 'No-Store' }), no('no-store'))
  t.strictSame(reproducibility(call, { 'cache-control': 'max-age=0, no-cache' }), { reproducible: true, refresh: true })
  t.strictSame(reproducibility(call, { 'cache-control': ['no-cache', 'no-store'] }), no('no-store'))
  t.strictSame(reproducibility(call, { 'cache-control': 'max-age=0' }), yes)
  t.strictSame(reproducibility(callOf('chat.completions', {}), { 'cache-control': 'no-store' }), unasked)
})

const user = (part: object) => ({ messages: [{ role: 'user', content: [part] }] })
const input = (part: object) => ({ input: [{ role: 'user', content: [part] }] })

const excluded: ReadonlyArray<readonly [BypassReason, Endpoint, object]> = [
  ['store', 'chat.completions', { store: true }],
  ['previous-response', 'responses', { previous_response_id: 'resp_1' }],
  ['conversation', 'responses', { conversation: 'conv_1' }],
  ['conversation', 'responses', { conversation: { id: 'conv_1' } }],
  ['prompt-template', 'responses', { prompt: { id: 'pmpt_1' } }],
  ['background', 'responses', { background: true }],
  ['prewarm', 'responses', { prompt_cache_options: { prewarm: true } }],
  ['hosted-tool', 'responses', { tools: [{ type: 'function', name: 'f' }, { type: 'web_search' }] }],
  ['hosted-tool', 'responses', { tools: [{ type: 'not invented yet' }] }],
  ['hosted-tool', 'responses', { tools: ['web_search'] }],
  ['hosted-tool', 'responses', { tools: [null] }],
  ['hosted-tool', 'responses', { tools: { type: 'function' } }],
  ['hosted-tool', 'chat.completions', { web_search_options: {} }],
  ['hosted-tool', 'chat.completions', { plugins: [{ id: 'web' }] }],
  ['hosted-tool', 'chat.completions', { search_parameters: { mode: 'auto' } }],
  ['audio', 'chat.completions', { modalities: ['text', 'audio'] }],
  ['audio', 'chat.completions', { audio: { voice: 'alloy', format: 'wav' } }],
  ['file-id', 'chat.completions', user({ type: 'file', file: { file_id: 'file-1' } })],
  ['file-id', 'responses', input({ type: 'input_image', file_id: 'file-1' })],
  ['remote-url', 'chat.completions', user({ type: 'image_url', image_url: { url: 'https://example.com/a.png' } })],
  ['remote-url', 'responses', input({ type: 'input_image', image_url: 'HTTPS://example.com/a.png' })],
  ['remote-url', 'responses', input({ type: 'input_file', file_url: 'gs://bucket/a.pdf' })],
  ['remote-url', 'responses', { input: [{ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_image', image_url: 'https://example.com/a.png' }] }] }],
  ['stored-item', 'responses', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
  ['stored-item', 'responses', { input: [{ id: 'msg_1' }] }],
  ['stored-item', 'chat.completions', { messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] }]
]

for (const [reason, endpoint, members] of excluded) {
  t.test(`${reason}: ${JSON.stringify(members)}`, async t => {
    const asking = endpoint === 'responses' ? { store: false } : { seed: 1 }
    t.strictSame(reproducibility(callOf(endpoint, { ...asking, ...members }), optIn), no(reason))
  })
}

const included: ReadonlyArray<readonly [Endpoint, object]> = [
  ['chat.completions', { store: false, n: 3, stream: true, modalities: ['text'], audio: null, web_search_options: null, tools: null }],
  ['chat.completions', { tools: [{ type: 'function', function: { name: 'f', parameters: { properties: { file_id: { type: 'string' }, url: {} } } } }, { type: 'custom', custom: { name: 'c' } }] }],
  ['chat.completions', user({ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } })],
  ['chat.completions', user({ type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } })],
  ['chat.completions', user({ type: 'text', text: '"file_id": "file-1", see https://example.com and {"url":"https://x"}' })],
  ['chat.completions', { messages: [{ role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"url":"https://x"}' } }] }, { role: 'tool', tool_call_id: 'call_1', content: 'https://x' }] }],
  ['responses', { background: false, previous_response_id: null, prompt_cache_options: { ttl: '24h' } }],
  ['responses', { input: [{ type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'x', annotations: [{ type: 'url_citation', url: 'https://x' }] }] }] }],
  ['responses', { input: [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' }] }]
]

for (const [endpoint, members] of included) {
  t.test(`reproducible: ${JSON.stringify(members)}`, async t => {
    const asking = endpoint === 'responses' ? { store: false } : { seed: 1 }
    t.strictSame(reproducibility(callOf(endpoint, { ...asking, ...members }), optIn), yes)
  })
}

t.test('a reference is found under any spelling of its name', async t => {
  const call = callOf('chat.completions', '{"model":"m","seed":1,"messages":[{"role":"user","content":[{"type":"file","file":{"file\\u005fid":"f"}}]}]}')
  t.strictSame(reproducibility(call, {}), no('file-id'))
})

t.test('deep nesting is walked, not climbed', async t => {
  const deep = `${'['.repeat(900)}{"file_id":"f"}${']'.repeat(900)}`
  const call = callOf('chat.completions', `{"model":"m","seed":1,"messages":[{"role":"user","content":${deep}}]}`)
  t.strictSame(reproducibility(call, {}), no('file-id'))
})

t.test('a body that only the upstream will find invalid is not reproducible', async t => {
  const call = callOf('chat.completions', '{"model":"m","seed":1,"messages":[{"role":"user","content":"\\q","id":"x"}]}')
  t.strictSame(reproducibility(call, {}), no('malformed'))
})
