import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import type { Test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { chat, completion, sendJson, startProvider } from '../helpers/provider.ts'

interface Attribute { readonly key: string, readonly value: Readonly<Record<string, unknown>> }

interface Span {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly status: { readonly code?: number }
  readonly attributes: readonly Attribute[]
}

interface Export {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: ReadonlyArray<{ readonly spans: readonly Span[] }>
  }>
}

const server = 2
const client = 3
const traceId = '0af7651916cd43dd8448eb211c80319c'
const callerSpan = 'b7ad6b7169203331'
const traceparent = `00-${traceId}-${callerSpan}-01`

/** An OTLP collector on the loopback. */
async function startCollector (t: Test): Promise<{ url: string, exports: Export[] }> {
  const exports: Export[] = []
  const http = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.url === '/v1/traces') exports.push(JSON.parse(Buffer.concat(chunks).toString()) as Export)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  t.teardown(() => {
    http.closeAllConnections()
    http.close()
  })
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, exports }
}

/** The spans of everything that a gateway did; it is gone afterwards. */
async function spansOf (gateway: TestGateway, exports: readonly Export[]): Promise<Span[]> {
  await gateway.server.close()
  return exports.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)))
}

const valuesOf = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

test('the request continues the caller\'s trace, and the upstream gets ours', async t => {
  const collector = await startCollector(t)
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startGateway(t, { upstream: provider.url, env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` } })
  await (await gateway.fetch('/chat/completions', { body: chat({ model: 'gpt-4o' }), headers: { traceparent, tracestate: 'vendor=1' } })).text()
  const { headers } = await provider.request(0)
  const spans = await spansOf(gateway, collector.exports)
  t.equal(spans.length, 2)
  const request = spans.find(({ kind }) => kind === server)
  const call = spans.find(({ kind }) => kind === client)
  t.match(request, { name: 'POST /v1/chat/completions', traceId, parentSpanId: callerSpan })
  t.match(call, { name: 'chat gpt-4o', traceId, parentSpanId: request?.spanId })
  t.equal(headers['traceparent'], `00-${traceId}-${call?.spanId}-01`)
  t.equal(headers['tracestate'], 'vendor=1')
  t.match(valuesOf(request?.attributes ?? []), {
    'http.request.method': 'POST',
    'http.route': '/v1/chat/completions',
    'http.response.status_code': 200,
    'tollgate.project': 'proj_default',
    'tollgate.request_id': /^req_/
  })
  t.match(valuesOf(call?.attributes ?? []), {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'aimlapi',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.request.stream': false,
    'gen_ai.usage.input_tokens': 3,
    'gen_ai.usage.output_tokens': 1
  })
  t.match(valuesOf(collector.exports[0]?.resourceSpans[0]?.resource.attributes ?? []), { 'service.name': 'tollgate' })
  t.notMatch(JSON.stringify(collector.exports), gateway.key.slice(6))
})

test('a failed call says whose fault it was; a refused request has no call', async t => {
  const collector = await startCollector(t)
  const provider = await startProvider(t, ({ response }) => { sendJson(response, { error: { message: 'no' } }, 500) })
  const gateway = await startGateway(t, { upstream: provider.url, env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
  await (await gateway.fetch('/chat/completions', { body: chat() })).text()
  await (await gateway.fetch('/chat/completions', { body: '{' })).text()
  const spans = await spansOf(gateway, collector.exports)
  const [failed, refused] = spans.filter(({ kind }) => kind === server)
  const calls = spans.filter(({ kind }) => kind === client)
  t.equal(calls.length, 1)
  t.match(calls[0], { status: { code: 2 } })
  t.match(valuesOf(calls[0]?.attributes ?? []), { 'error.type': 'upstream_error', 'gen_ai.usage.input_tokens': undefined })
  t.match(failed, { status: { code: 2 } })
  t.match(valuesOf(refused?.attributes ?? []), { 'error.type': 'caller_invalid_json', 'http.response.status_code': 400 })
  t.equal(refused?.status.code, 0)
})

test('without a collector the caller\'s context passes on untouched', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startGateway(t, { upstream: provider.url })
  await (await gateway.fetch('/chat/completions', { body: chat(), headers: { traceparent } })).text()
  t.equal((await provider.request(0)).headers['traceparent'], traceparent)
})

test('a collector that is away costs nobody an answer', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, completion) })
  const gateway = await startGateway(t, { upstream: provider.url, env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' } })
  const response = await gateway.fetch('/chat/completions', { body: chat() })
  t.equal(response.status, 200)
  await response.text()
})
