import { test } from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { startGateway } from '../helpers/gateway.ts'

const body = { model: 'fast', seed: 7, messages: [{ role: 'user', content: 'Hello' }] }

/** The body comes after the reload; the request came before it. */
function slowly (text: string, middle: () => Promise<void>): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  return new ReadableStream({
    async start (controller) {
      controller.enqueue(bytes.subarray(0, 5))
      await middle()
      controller.enqueue(bytes.subarray(5))
      controller.close()
    }
  })
}

test('a request that came before a reload goes where it would have gone', async t => {
  const gateway = await startGateway(t, { yaml: 'models: { fast: { model: gpt-4o } }' })
  const response = await fetch(`${gateway.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
    duplex: 'half',
    body: slowly(JSON.stringify(body), async () => {
      await inFlight()
      await gateway.server.reload(() => loadConfig({ env: {}, cwd: t.testdir({ 'tollgate.yaml': 'models: { fast: { model: gpt-4o-mini } }' }) }))
    })
  } as RequestInit)
  t.match(await response.json(), { model: /^gpt-4o$/ })
  t.match(await (await gateway.fetch('/chat/completions', { body })).json(), { model: 'gpt-4o-mini' }, 'and its answer is not stored for the new destination')

  async function inFlight (): Promise<void> {
    for (;;) {
      const text = await (await fetch(`${gateway.operatorUrl}/metrics`)).text()
      if (/^tollgate_requests_in_flight 1$/m.test(text)) return
    }
  }
})
