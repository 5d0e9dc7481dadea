import t from 'tap'
import { until } from '../helpers/until.ts'
import { rowsOf } from '../helpers/ledger-rows.ts'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'
import type { Provider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'

/** Answers the first request, so that its connection is kept, and no other. */
async function startSilent (t: Parameters<typeof startProvider>[0]): Promise<Provider> {
  let answered = false
  return await startProvider(t, ({ response }) => {
    if (!answered) sendJson(response, completion)
    answered = true
  })
}

t.test('a client that leaves before the first byte pays for its prompt: the upstream has read it', async t => {
  const provider = await startSilent(t)
  const gateway = await startPublicListener(t, { upstream: provider.url })
  await (await gateway.post('/chat/completions', chat())).text()
  const leaving = new AbortController()
  const call = gateway.post('/chat/completions', chat(), leaving.signal)
  const { cancelled, socket } = await provider.request(1)
  t.equal(socket, (await provider.request(0)).socket)
  leaving.abort()
  await t.rejects(call)
  await cancelled
  await until(async () => (await rowsOf(gateway.ledger)).length === 2)
  const [, row] = await rowsOf(gateway.ledger)
  t.match(row, { kind: 'settled', source: 'partial', status: 'client_abort' })
  t.ok((row?.usage.inputTokens ?? 0) > 0)
})

t.test('one that the upstream does not answer in time is not sent a second time', async t => {
  const provider = await startSilent(t)
  const gateway = await startPublicListener(t, { upstream: provider.url, yaml: 'timeouts: { first_byte: 200ms }' })
  await (await gateway.post('/chat/completions', chat())).text()
  t.equal((await gateway.post('/chat/completions', chat())).status, 504)
  t.equal(provider.requests.length, 2)
})
