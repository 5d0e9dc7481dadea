import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { rowsOf } from '../helpers/ledger-rows.ts'
import { completion, sendJson, startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'

const messages = [{ role: 'user', content: 'Tell me of it' }]

t.test('JSON and streams of both endpoints, and embeddings: the row says what the provider says', async t => {
  const demo = await startDemo(t)
  const gateway = await startPublicListener(t, { upstream: demo.url })
  const calls: Array<[path: string, body: Record<string, unknown>]> = [
    ['/chat/completions', { model: 'gpt-4o', messages }],
    ['/chat/completions', { model: 'gpt-4o', messages, stream: true }],
    ['/chat/completions', { model: 'demo-usage-on-finish', messages, stream: true }],
    ['/chat/completions', { model: 'demo-no-done', messages, stream: true }],
    ['/chat/completions', { model: 'demo-cached-50', messages }],
    ['/responses', { model: 'gpt-4o', input: 'Tell me of it' }],
    ['/responses', { model: 'gpt-4o', input: 'Tell me of it', stream: true }],
    ['/responses', { model: 'demo-length', input: 'Tell me of it', stream: true }],
    ['/embeddings', { model: 'text-embedding-3-small', input: 'Tell me of it' }]
  ]
  for (const [path, body] of calls) await (await gateway.post(path, body)).text()
  const found = await rowsOf(gateway.ledger)
  t.same(found.map(({ kind, source }) => `${kind} ${source}`), calls.map(() => 'settled provider'))
  t.same(found.map(({ usage }) => [usage.inputTokens, usage.outputTokens]), demo.requests.map(({ promptTokens, completionTokens }) => [promptTokens, completionTokens]))
  t.ok((found[0]?.costNanoUsd ?? 0) > 0)
  t.ok((found[4]?.usage.cachedInputTokens ?? 0) > 0)
  t.equal(found[2]?.costNanoUsd, null, 'a model without a price costs an unknown amount, not nothing')
})

t.test('the provider\'s own price wins', async t => {
  const demo = await startDemo(t)
  const gateway = await startPublicListener(t, { upstream: demo.url })
  for (const stream of [false, true]) await (await gateway.post('/chat/completions', { model: 'demo-aimlapi-cost', messages, stream })).text()
  const found = await rowsOf(gateway.ledger)
  t.same(found.map(({ costNanoUsd }) => costNanoUsd), found.map(({ usage }) => 500 * (usage.inputTokens + usage.outputTokens)))
})

t.test('the provider names its price in a header only', async t => {
  const spent = ['0.001240000', '0', 'free', '-1']
  const provider = await startProvider(t, ({ response }) => {
    response.setHeader('x-aimlapi-usd-spent', spent.shift() ?? '')
    sendJson(response, { ...completion, usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } })
  })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  while (spent.length > 0) await (await gateway.post('/chat/completions', { model: 'm', messages })).text()
  t.same((await rowsOf(gateway.ledger)).map(({ costNanoUsd }) => costNanoUsd), [1_240_000, 0, null, null])
})

t.test('errors cost nothing; a stream that broke costs what had come; an answer without usage is estimated', async t => {
  const demo = await startDemo(t)
  const gateway = await startPublicListener(t, { upstream: demo.url })
  for (const model of ['demo-500', 'demo-404', 'demo-429', 'demo-garbage']) await (await gateway.post('/chat/completions', { model, messages })).text()
  await (await gateway.post('/chat/completions', { model: 'demo-cut-6', messages, stream: true })).text()
  await (await gateway.post('/chat/completions', { model: 'demo-no-usage', messages })).text()
  const found = await rowsOf(gateway.ledger)
  t.same(found.map(({ kind, source }) => `${kind} ${source}`), [...Array.from({ length: 4 }, () => 'void provider'), 'settled partial', 'settled estimated'])
  const cut = demo.requests.find(({ model }) => model === 'demo-cut-6')
  t.ok(Math.abs((found[4]?.usage.outputTokens ?? 0) - (cut?.emittedTokens ?? NaN)) <= 1, 'within a chunk of what was written')
})

t.test('a client that leaves pays for its prompt and what was written', async t => {
  const demo = await startDemo(t, { wordDelayMs: 5 })
  const gateway = await startPublicListener(t, { upstream: demo.url })
  const leaving = new AbortController()
  const response = await gateway.post('/chat/completions', { model: 'demo-words-1000', messages, stream: true }, leaving.signal)
  const reader = response.body?.getReader()
  await reader?.read()
  leaving.abort()
  const [request] = demo.requests
  if (request === undefined) throw new Error('nothing came to the provider')
  await demo.recorder.ended(request)
  const [row] = await rowsOf(gateway.ledger)
  t.match(row, { kind: 'settled', source: 'partial', status: 'client_abort' })
  t.ok((row?.usage.inputTokens ?? 0) > 0)
})

t.test('an answer without usage is billed by its text alone, and vectors are none', async t => {
  const answers: Array<readonly [path: string, body: Record<string, unknown>, answer: Record<string, unknown>]> = [
    ['/embeddings', { input: 'x' }, { object: 'list', data: [{ object: 'embedding', index: 0, embedding: new Array(500).fill(0.123456789) }] }],
    ['/chat/completions', { messages }, { id: 'chatcmpl-1', choices: [{ index: 0, finish_reason: 'stop', logprobs: { content: new Array(100).fill({ token: 'é', logprob: -1, bytes: [195, 169] }) }, message: { role: 'assistant', content: 'éé', tool_calls: [{ function: { name: 'f', arguments: '{"a":1}' } }] } }, { index: 1, finish_reason: 'stop', message: { role: 'assistant', content: 'abcde' } }] }],
    ['/responses', { input: 'x' }, { id: 'resp_1', object: 'response', output: [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'abcd' }] }, { type: 'message', content: [{ type: 'output_text', text: 'efgh', annotations: [] }] }, { type: 'function_call', name: 'f', arguments: '{"b":2}' }] }]
  ]
  let next = 0
  const provider = await startProvider(t, ({ response }) => { sendJson(response, answers[next]?.[2] ?? {}) })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  for (const [path, body] of answers) {
    t.equal((await gateway.post(path, { model: 'gpt-4o', ...body })).status, 200)
    next++
  }
  const found = await rowsOf(gateway.ledger)
  t.same(found.map(({ source, usage }) => [source, usage.outputTokens]), [['estimated', 0], ['estimated', 4], ['estimated', 4]], 'four bytes make a token: 16 and 15')
})
