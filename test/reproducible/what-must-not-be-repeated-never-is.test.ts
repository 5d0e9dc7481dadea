import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { startGateway } from '../helpers/gateway.ts'
import { chat, chatChunk, completion, finishChunk, openStream, sendJson, startProvider } from '../helpers/provider.ts'

const messages = [{ role: 'user', content: 'Hello' }]
const part = (content: unknown): unknown => [{ role: 'user', content: [content] }]

/** Reason → chat completion that must not be looked up. */
const excludedChats: Record<string, Record<string, unknown>> = {
  store: { store: true },
  'hosted-tool': { web_search_options: {} },
  audio: { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } },
  'file-id': { messages: part({ type: 'file', file: { file_id: 'file-1' } }) },
  'remote-url': { messages: part({ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }) }
}

/** Reason → response that must not be looked up. A conversation is another: none can be made here, so that one is refused before. */
const excludedResponses: Record<string, Record<string, unknown>> = {
  store: { store: true },
  'previous-response': { previous_response_id: 'resp_1' },
  'prompt-template': { prompt: { id: 'pmpt_1' } },
  background: { background: true },
  'hosted-tool': { tools: [{ type: 'web_search' }] }
}

t.test('exclusions name their reason, and ask the upstream each time', async t => {
  const stored = { id: 'resp_1', object: 'response', status: 'completed', output: [], usage: null }
  const provider = await startProvider(t, ({ url, response }) => { sendJson(response, url.endsWith('/responses') ? stored : completion) })
  const gateway = await startGateway(t, { upstream: provider.url })
  // The project owns what it refers to.
  await (await gateway.fetch('/responses', { body: { model: 'm', input: 'Hi' } })).text()
  const twice = async (reason: string, path: string, body: Record<string, unknown>, headers: Record<string, string> = {}): Promise<void> => {
    const before = provider.requests.length
    for (let n = 0; n < 2; n++) {
      const response = await gateway.fetch(path, { body, headers })
      t.equal(response.headers.get('x-tollgate-cache'), `bypass; reason=${reason}`)
      await response.text()
    }
    t.equal(provider.requests.length - before, 2, `${path}: ${reason}`)
  }
  for (const [reason, extra] of Object.entries(excludedChats)) await twice(reason, '/chat/completions', { model: 'm', seed: 1, messages, ...extra })
  const optedIn = { 'x-tollgate-cache': 'reproducible' }
  for (const [reason, extra] of Object.entries(excludedResponses)) await twice(reason, '/responses', { model: 'm', input: 'Hi', store: false, ...extra }, optedIn)
  await twice('store', '/responses', { model: 'm', input: 'Hi' }, optedIn)
  await twice('no-store', '/chat/completions', { model: 'm', seed: 1, messages }, { 'cache-control': 'no-store' })
  await twice('no-seed', '/chat/completions', { model: 'm', messages }, optedIn)
})

t.test('no-cache fetches anew, and what it brings takes the old answer\'s place', async t => {
  const demo = await startDemo(t)
  const gateway = await startGateway(t, { upstream: demo.url })
  const ask = async (headers: Record<string, string> = {}): Promise<string> => {
    const response = await gateway.fetch('/chat/completions', { body: { model: 'gpt-4o', seed: 1, messages }, headers })
    return `${String(response.headers.get('x-tollgate-cache'))} ${(await response.json() as { id: string }).id}`
  }
  const [, old] = (await ask()).split(' ')
  const [refreshed, fresh] = (await ask({ 'cache-control': 'no-cache' })).split(' ')
  t.equal(refreshed, 'refresh')
  t.not(fresh, old)
  t.equal(await ask(), `hit ${fresh}`)
})

/** Name → model of the demo upstream whose answers are not fit to be repeated. */
const poison: Record<string, Record<string, unknown>> = {
  'a cut stream': { model: 'demo-cut', stream: true },
  'a stream that ends early': { model: 'demo-cut-clean', stream: true },
  'an error in the stream': { model: 'demo-error-in-stream', stream: true },
  'a length that the caller did not ask for': { model: 'demo-length' },
  'a content filter': { model: 'demo-filter' },
  'a content filter in a stream': { model: 'demo-filter', stream: true },
  'an error with status 200': { model: 'demo-error-200' },
  garbage: { model: 'demo-garbage' }
}

t.test('what is not fit is never stored', async t => {
  const demo = await startDemo(t)
  const gateway = await startGateway(t, { upstream: demo.url })
  for (const [name, body] of Object.entries(poison)) {
    for (let n = 0; n < 2; n++) {
      const response = await gateway.fetch('/chat/completions', { body: { seed: 1, messages, ...body } })
      t.not(response.headers.get('x-tollgate-cache'), 'hit', name)
      await response.text()
    }
  }
})

t.test('an answer of a fallback, an oversized one, and one whose client left are not stored', async t => {
  const failing = await startProvider(t, ({ response }) => { sendJson(response, { message: 'no' }, 503) })
  const spare = await startProvider(t, ({ response, body }) => {
    if (body.includes('"big"')) sendJson(response, { ...completion, choices: [{ ...completion.choices[0], message: { role: 'assistant', content: 'x'.repeat(4096) } }] })
    else sendJson(response, completion)
  })
  const gateway = await startGateway(t, {
    yaml: `
upstreams:
  failing: { base_url: ${failing.url}, keys: [{ value: a }] }
  spare: { base_url: ${spare.url}, keys: [{ value: b }] }
default_upstream: spare
models:
  m: { upstream: failing, fallbacks: [spare-m] }
  spare-m: { upstream: spare }
answers: { max_answer_bytes: 2KiB }
breaker: { failures: 1000 }
`
  })
  for (const model of ['m', 'big']) {
    for (let n = 0; n < 2; n++) {
      const response = await gateway.fetch('/chat/completions', { body: chat({ model, seed: 1 }) })
      t.equal(response.status, 200)
      t.not(response.headers.get('x-tollgate-cache'), 'hit', model)
      await response.text()
    }
  }
})

t.test('a client that leaves in the middle leaves nothing behind', async t => {
  const provider = await startProvider(t, ({ response }) => {
    openStream(response)
    response.write(chatChunk('one'))
    if (provider.requests.length > 1) response.end(`${finishChunk}data: [DONE]\n\n`)
  })
  const gateway = await startGateway(t, { upstream: provider.url })
  const leaving = new AbortController()
  const first = await gateway.fetch('/chat/completions', { body: chat({ seed: 1, stream: true }), signal: leaving.signal })
  await first.body?.getReader().read()
  leaving.abort()
  await (await provider.request(0)).cancelled
  const second = await gateway.fetch('/chat/completions', { body: chat({ seed: 1, stream: true }) })
  t.match(await second.text(), '[DONE]')
  t.equal(provider.requests.length, 2)
})
