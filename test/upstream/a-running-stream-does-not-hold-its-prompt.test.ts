import { channel } from 'node:diagnostics_channel'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { startProvider } from '../helpers/provider.ts'
import { startPublicListener } from '../helpers/public-listener.ts'

/** The requests that have come to their handlers, as the chain knows them. */
function requestsHandled (t: Test): readonly FastifyRequest[] {
  const requests: FastifyRequest[] = []
  const note = (message: unknown): void => { requests.push((message as { request: FastifyRequest }).request) }
  const handler = channel('tracing:fastify.request.handler:start')
  handler.subscribe(note)
  t.teardown(() => handler.unsubscribe(note))
  return requests
}

t.test('once an upstream answers, neither the body nor what was read of it is kept', async t => {
  const seen = requestsHandled(t)
  const provider = await startProvider(t, ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n')
  })
  const { post } = await startPublicListener(t, { upstream: provider.url })
  const posted = post('/chat/completions', { model: 'm', stream: true, messages: [{ role: 'user', content: 'x'.repeat(50_000) }] })
  const received = await provider.request(0)
  t.ok(received.body.length > 50_000, 'it was sent')
  const answer = await posted
  t.equal(answer.status, 200)
  t.equal(seen.length, 1)
  t.equal(seen[0]?.body, undefined)
  t.equal(seen[0]?.call, null)
  received.response.end('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
  t.match(await answer.text(), /\[DONE\]/)
})

t.test('without an endpoint of its own, too', async t => {
  const seen = requestsHandled(t)
  const provider = await startProvider(t, ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end('{"id":"conv_1","object":"conversation"}')
  })
  const { post } = await startPublicListener(t, { upstream: provider.url })
  const answer = await post('/conversations', { metadata: { a: 'b' } })
  t.equal(answer.status, 200)
  t.match(String(provider.requests[0]?.body), /metadata/)
  t.equal(seen[0]?.fields, null)
})
