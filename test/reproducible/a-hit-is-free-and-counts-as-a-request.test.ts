import t from 'tap'
import { rowsOf } from '../helpers/ledger-rows.ts'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'
import { rateLimit, setProject, startPublicListener } from '../helpers/public-listener.ts'

const usage = { prompt_tokens: 1_000_000, completion_tokens: 1_000_000, total_tokens: 2_000_000 }
const body = chat({ model: 'gpt-4o', seed: 1, max_tokens: 100 })

t.test('one row "hit" without tokens and cost, as JSON and as a stream', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { ...completion, usage }) })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  for (const stream of [false, false, true]) await (await gateway.post('/chat/completions', { ...body, stream })).text()
  t.match(await rowsOf(gateway.ledger), [
    { kind: 'settled', usage: { inputTokens: 1_000_000 } },
    { kind: 'hit', costNanoUsd: 0, usage: { inputTokens: 0, outputTokens: 0 } },
    { kind: 'hit', costNanoUsd: 0, usage: { inputTokens: 0, outputTokens: 0 } }
  ])
})

t.test('a project whose budget and tokens are spent still gets its hits; requests per minute count them', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { ...completion, usage }) })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  await setProject(gateway, { spendLimit: { amountNanoUsd: 1_000_000_000, shadow: false }, rateLimits: [rateLimit({ requestsPerMinute: 4, tokensPerMinute: 3_000_000 })] })
  t.equal((await gateway.post('/chat/completions', body)).status, 200)
  t.equal((await gateway.post('/chat/completions', { ...body, seed: 2 })).status, 429, 'a new answer has to be paid for')
  for (let n = 0; n < 3; n++) {
    const hit = await gateway.post('/chat/completions', body)
    t.equal(hit.status, 200)
    t.equal(hit.headers.get('x-tollgate-cache'), 'hit')
    t.equal(hit.headers.get('x-ratelimit-remaining-requests'), String(2 - n))
  }
  t.equal((await gateway.post('/chat/completions', body)).status, 429)
  t.equal(provider.requests.length, 1)
})
