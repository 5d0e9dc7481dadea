import t from 'tap'
import { openStream, sendJson, startProvider } from '../helpers/provider.ts'
import { startGateway } from '../helpers/gateway.ts'

function event (type: string, number: number): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number, response: { id: 'resp_1' } })}\n\n`
}

t.test('GET /responses/{id}?stream=true whose upstream dies', async t => {
  const provider = await startProvider(t, ({ method, response }) => {
    if (method === 'POST') {
      sendJson(response, { id: 'resp_1', object: 'response', status: 'in_progress', output: [], usage: null })
      return
    }
    openStream(response)
    response.write(event('response.created', 0) + event('response.in_progress', 1), () => { response.socket?.destroy() })
  })
  const gateway = await startGateway(t, { upstream: provider.url })
  await (await gateway.fetch('/responses', { body: { model: 'm', input: 'Hi', store: true, background: true } })).json()

  const response = await gateway.fetch('/responses/resp_1?stream=true')
  t.equal(response.status, 200)
  const text = await response.text()
  const events = text.trimEnd().split('\n\n')
  t.equal(events.length, 3)
  t.match(JSON.parse(String(events[2]).replace('event: error\ndata: ', '')), { type: 'error', sequence_number: 2, code: 'upstream_disconnected', error: { code: 'upstream_disconnected' } })
})
