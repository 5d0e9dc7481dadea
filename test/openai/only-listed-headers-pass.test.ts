import { test } from 'tap'
import { clientHeaders, upstreamHeaders } from '../../src/openai/headers.ts'

const own = ['accept-encoding', 'identity', 'user-agent', 'tollgate']
const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('a request carries what was asked for, and the gateway\'s own', async t => {
  t.strictSame(upstreamHeaders({}, false), own)
  t.strictSame(upstreamHeaders({
    accept: 'application/json', 'openai-beta': 'responses_multi_agent=v1', 'x-client-request-id': 'a.B_9:-', traceparent: trace, tracestate: 'a=1,b=2', baggage: 'k=v;p=1'
  }, true), [
    ...own, 'content-type', 'application/json', 'accept', 'application/json', 'openai-beta', 'responses_multi_agent=v1', 'x-client-request-id', 'a.B_9:-', 'traceparent', trace, 'tracestate', 'a=1,b=2', 'baggage', 'k=v;p=1'
  ])
})

test('nothing else of the caller\'s goes upstream', async t => {
  for (const name of [
    'authorization', 'api-key', 'x-api-key', 'cookie', 'openai-organization', 'openai-project', 'host', 'connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'content-length', 'content-type', 'content-encoding',
    'expect', 'upgrade', 'accept-encoding', 'accept-language', 'user-agent', 'x-forwarded-for', 'x-real-ip', 'x-stainless-lang', 'sec-fetch-mode', 'proxy-authorization', 'cf-ray', 'x-tollgate-cache', 'cache-control', 'referer'
  ]) t.strictSame(upstreamHeaders({ [name]: 'application/json' }, false), own, name)
})

test('a header of another shape than its own stays here', async t => {
  for (const headers of [
    { 'x-client-request-id': '' }, { 'x-client-request-id': 'x'.repeat(129) }, { 'x-client-request-id': 'a b' }, { 'x-client-request-id': 'é' }, { traceparent: 'x' }, { traceparent: `${trace}\r\nx: y` }, { 'openai-beta': 'a\r\nauthorization: b' },
    { 'openai-beta': 'x'.repeat(257) }, { tracestate: 'é' }, { baggage: 'x'.repeat(8193) }, { accept: 'a\0' }, { accept: ['a', 'b'] }
  ]) t.strictSame(upstreamHeaders(headers, false), own, JSON.stringify(headers).slice(0, 60))
})

test('an idempotency key is bound to its tenant, because tenants share the account upstream', async t => {
  const keyOf = (tenant?: string): string | undefined => upstreamHeaders({ 'idempotency-key': 'order-1' }, true, tenant).at(-1)
  t.match(keyOf('proj_a'), /^[\da-f]{64}$/)
  t.equal(keyOf('proj_a'), keyOf('proj_a'))
  t.not(keyOf('proj_a'), keyOf('proj_b'))
  t.notOk(upstreamHeaders({ 'idempotency-key': 'order-1' }, true).includes('idempotency-key'))
})

test('each call gives an array of its own', async t => {
  upstreamHeaders({}, false).push('authorization', 'Bearer secret')
  t.strictSame(upstreamHeaders({}, false), own)
})

test('of an answer, the client sees what concerns its request', async t => {
  for (const [name, value] of [
    ['openai-version', '2020-10-01'], ['x-inference-id', 'i'], ['x-client-request-id', 'c'], ['x-aimlapi-credits-used', '2480'], ['x-aimlapi-usd-spent', '0.001240000']
  ] as const) t.strictSame(clientHeaders({ [name]: value }), [name, value])
  t.strictSame(clientHeaders({ 'x-request-id': 'req_1' }), ['x-upstream-request-id', 'req_1'])
})

test('nothing else of an answer\'s headers passes', async t => {
  for (const name of [
    'server', 'cf-ray', 'cf-cache-status', 'alt-svc', 'openai-organization', 'openai-project', 'x-ratelimit-limit-requests', 'x-ratelimit-reset-tokens', 'content-type', 'content-length', 'content-encoding', 'transfer-encoding', 'connection',
    'cache-control', 'strict-transport-security', 'access-control-allow-origin', 'x-accel-redirect', 'x-accel-buffering', 'retry-after', 'location', 'www-authenticate', 'x-powered-by', 'via', 'x-tollgate-cache', 'openai-processing-ms'
  ]) t.strictSame(clientHeaders({ [name]: 'x' }), [], name)
  t.strictSame(clientHeaders({ 'set-cookie': ['__cf_bm=1', '_cfuvid=2'], 'x-inference-id': ['1', '2'] }), [])
})
