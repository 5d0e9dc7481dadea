import t from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { startDemo } from '../helpers/demo.ts'

t.test('create, get, stream again, list input items, cancel, count, compact, delete', async t => {
  const demo = await startDemo(t)
  const gateway = await startGateway(t, { upstream: demo.url })
  const created = await (await gateway.fetch('/responses', { body: { model: 'gpt-4o', input: 'Hi', store: true } })).json() as { id: string }
  const path = `/responses/${created.id}`

  const got = await gateway.fetch(`${path}?include%5B%5D=message.output_text.logprobs`)
  t.match(await got.json(), { id: created.id })
  const streamed = await gateway.fetch(`${path}?stream=true`)
  t.equal(streamed.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  t.match(await streamed.text(), /event: response.completed\n/)
  t.match(await (await gateway.fetch(`${path}/input_items?limit=5`)).json(), { object: 'list', has_more: false })
  t.match(await (await gateway.fetch('/responses/input_tokens', { body: { model: 'gpt-4o', input: 'Hi' } })).json(), { object: 'response.input_tokens', input_tokens: Number })
  t.match(await (await gateway.fetch('/responses/compact', { body: { model: 'gpt-4o', input: 'Hi' } })).json(), { object: 'response.compaction' })

  const background = await (await gateway.fetch('/responses', { body: { model: 'gpt-4o', input: 'Hi', background: true } })).json() as { id: string }
  const cancelled = await gateway.fetch(`/responses/${background.id}/cancel`, { method: 'POST', headers: { 'content-type': 'application/json' } })
  t.equal(cancelled.status, 200, 'openai-python sends a content type without a body')

  const deleted = await gateway.fetch(path, { method: 'DELETE', headers: { 'content-type': 'application/json' } })
  t.equal(deleted.status, 200)
  const gone = await gateway.fetch(path)
  t.equal(gone.status, 404)
  t.match(await gone.json(), { error: { message: String, type: 'invalid_request_error' } })
})

t.test('an id is never read as a path', async t => {
  const demo = await startDemo(t)
  const gateway = await startGateway(t, { upstream: demo.url })
  for (const id of ['..%2f..%2fadmin', 'a%3Fb', 'a%20b', 'a%00']) {
    const response = await gateway.fetch(`/responses/${id}`)
    t.equal(response.status, 404)
    t.match(await response.json(), { error: { code: 'not_found' } })
  }
  t.equal(demo.requests.length, 0)
})
