import t from 'tap'
import { firstRow } from '../helpers/ledger-rows.ts'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'

t.test('an answer with its usage', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  const response = await gateway.post('/chat/completions', chat({ stream: true }))
  t.equal(response.status, 502)
  t.match(await response.json(), { error: { code: 'upstream_invalid_response' } })
  const row = await firstRow(gateway.ledger)
  t.match(row, { kind: 'settled', source: 'provider', status: 'upstream_invalid_response', usage: { inputTokens: 3, outputTokens: 1 } })
})

t.test('what names no usage is no answer, and costs nothing', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { message: 'Streaming is not supported' }) })
  const gateway = await startPublicListener(t, { upstream: provider.url })
  t.equal((await gateway.post('/chat/completions', chat({ stream: true }))).status, 502)
  t.match(await firstRow(gateway.ledger), { kind: 'void', costNanoUsd: 0 })
})
