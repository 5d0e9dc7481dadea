import t from 'tap'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'
import { rateLimit, setProject, startPublicListener } from '../helpers/public-listener.ts'

t.test('requests per minute: 429 with both waiting times, and nothing goes upstream', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  await setProject(gateway, { rateLimits: [rateLimit({ requestsPerMinute: 2 })] })
  t.equal((await gateway.post('/chat/completions', chat())).headers.get('x-ratelimit-remaining-requests'), '1')
  t.equal((await gateway.post('/chat/completions', chat())).headers.get('x-ratelimit-remaining-requests'), '0')
  const refused = await gateway.post('/chat/completions', chat())
  t.equal(refused.status, 429)
  t.match(await refused.json(), { error: { code: 'rate_limit_exceeded', type: 'rate_limit_error', message: /^The project's limit of 2 requests per minute is reached: 2 in use; it resets in / } })
  t.ok(Number(refused.headers.get('retry-after')) >= 1)
  t.ok(Number(refused.headers.get('retry-after-ms')) > 0)
  t.equal(refused.headers.get('x-ratelimit-limit-requests'), '2')
  t.equal(refused.headers.get('x-ratelimit-remaining-requests'), '0')
  t.match(refused.headers.get('x-ratelimit-reset-requests'), /^(\d+m)?[\d.]+m?s$/)
  t.equal(provider.requests.length, 2)
})

t.test('a request that is larger than the limit can never pass: 400, no waiting time', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  await setProject(gateway, { rateLimits: [rateLimit({ tokensPerMinute: 1000 })] })
  const refused = await gateway.post('/chat/completions', chat({ max_tokens: 5000 }))
  t.equal(refused.status, 400)
  t.equal(refused.headers.get('retry-after'), null)
  t.match(await refused.json(), { error: { code: 'request_exceeds_limit' } })
  const small = await gateway.post('/chat/completions', chat({ max_tokens: 100 }))
  t.equal(small.status, 200)
  t.equal(small.headers.get('x-ratelimit-limit-tokens'), '1000')
})

t.test('a prompt that only its bytes make too large is counted before it is refused', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  await setProject(gateway, { rateLimits: [rateLimit({ tokensPerMinute: 1000 })] })
  const prompt = 'international '.repeat(250)
  const response = await gateway.post('/chat/completions', { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: prompt }] })
  t.equal(response.status, 200, `${prompt.length} bytes are more than 1000 tokens at 3 bytes each, and 251 in fact`)
})

t.test('a spent budget: 429 insufficient_quota that SDKs do not try again', async t => {
  const usage = { prompt_tokens: 1_000_000, completion_tokens: 1_000_000, total_tokens: 2_000_000 }
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { ...completion, usage }) })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  await setProject(gateway, { spendLimit: { amountNanoUsd: 1_000_000_000, shadow: false } })
  const body = chat({ model: 'gpt-4o', max_tokens: 100 })
  t.equal((await gateway.post('/chat/completions', body)).status, 200)
  const refused = await gateway.post('/chat/completions', body)
  t.equal(refused.status, 429)
  t.equal(refused.headers.get('x-should-retry'), 'false')
  t.match(await refused.json(), { error: { code: 'insufficient_quota', type: 'insufficient_quota', message: /^The project's limit of 1\.00 US dollars per month is reached: \d+\.\d\d in use; it resets in \d+h\d+m[\d.]+s\.$/ } })
})

t.test('a limit in shadow counts and lets everything through', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  await setProject(gateway, { rateLimits: [rateLimit({ requestsPerMinute: 1, shadow: true })] })
  for (let n = 0; n < 3; n++) t.equal((await gateway.post('/chat/completions', chat())).status, 200)
})

t.test('a place of a concurrency limit is free again when the answer has ended, however it ended', async t => {
  const provider = await startProvider(t, ({ response, body }) => {
    if (body.includes('"hang"')) return
    sendJson(response, body.includes('"fail"') ? { message: 'no' } : completion, body.includes('"fail"') ? 500 : 200)
  })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  await setProject(gateway, { rateLimits: [rateLimit({ concurrency: 1 })] })
  const leaving = new AbortController()
  const hanging = gateway.post('/chat/completions', chat({ model: 'hang' }), leaving.signal)
  const { cancelled } = await provider.request(0)
  const refused = await gateway.post('/chat/completions', chat())
  t.equal(refused.status, 429)
  t.match(await refused.json(), { error: { message: 'The project\'s limit of 1 requests at once is reached: 1 in use.' } })
  leaving.abort()
  await t.rejects(hanging)
  await cancelled
  t.equal((await gateway.post('/chat/completions', chat({ model: 'fail' }))).status, 502)
  t.equal((await gateway.post('/chat/completions', chat())).status, 200)
})
