import { test } from 'tap'
import type { GatewayError } from '../../src/openai/errors.ts'
import { errorOfUpstream } from '../../src/openai/upstream-error.ts'

const now = Date.UTC(2026, 10, 22)

function answer (status: number, body: unknown, headers: Record<string, string> = {}): GatewayError {
  return errorOfUpstream(status, headers, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), now)
}

/** Everything a caller sees of it. */
function seen (error: GatewayError): object {
  return { status: error.statusCode, ...error.toBody().error, headers: error.headers }
}

test('what the caller can mend keeps its status and its words', async t => {
  for (const status of [400, 409, 413, 422]) {
    t.strictSame(seen(answer(status, { error: { message: 'Invalid value for tools[0].type', type: 'invalid_request_error', param: 'tools[0].type', code: 'invalid_value' } })),
      { status, message: 'Invalid value for tools[0].type', type: 'invalid_request_error', param: 'tools[0].type', code: 'invalid_value', headers: {} })
    t.strictSame(seen(answer(status, '')), { status, message: 'The model provider refused the request.', type: 'invalid_request_error', param: null, code: 'upstream_rejected', headers: {} })
  }
})

test('AIMLAPI\'s three shapes', async t => {
  const plain = { message: 'Body validation error!', path: '/v1/chat/completions', requestId: 'x', statusCode: '400', timestamp: 't' }
  t.match(seen(answer(400, plain)), { status: 400, message: 'Body validation error!', type: 'invalid_request_error', code: 'upstream_rejected', param: null })

  const tree = { requestId: 'x', statusCode: 400, path: '/', meta: { _errors: [], messages: { 0: { role: { _errors: ["Invalid enum value. Expected 'user' | 'assistant', received 'system'"] } } } }, message: 'Invalid input' }
  t.match(seen(answer(400, tree)), { status: 400, message: "Invalid input: messages[0].role: Invalid enum value. Expected 'user' | 'assistant', received 'system'", param: 'messages[0].role' })

  const problem = { title: 'Not Found', status: 404, message: 'gone', instance: '/v1', requestId: 'x', error: { name: 'NotFoundException', message: 'The file is gone' } }
  t.match(seen(answer(404, problem)), { status: 404, message: 'The file is gone', code: 'not_found', type: 'invalid_request_error' })
  t.match(seen(answer(400, { title: 'Bad Request' })), { message: 'Bad Request' })
})

test('a model that is not there', async t => {
  for (const body of [{ error: { message: 'The model `gpt-9` does not exist', type: 'invalid_request_error', param: null, code: 'model_not_found' } }, { message: 'Model gpt-4-0125-preview is not available', statusCode: 404 }]) {
    t.match(seen(answer(404, body)), { status: 404, code: 'model_not_found', type: 'invalid_request_error' })
  }
  t.match(seen(answer(404, { error: { message: 'Response with id resp_1 not found.', code: null } })), { status: 404, code: 'not_found', message: 'Response with id resp_1 not found.' })
  t.match(seen(answer(404, 'Cannot POST /v3')), { status: 404, code: 'not_found', message: 'There is no such object.' })
})

test('the gateway\'s account is no tenant\'s fault, and trying again does not mend it', async t => {
  const account = {
    status: 502,
    type: 'upstream_error',
    code: 'upstream_auth_error',
    param: null,
    headers: { 'x-should-retry': 'false' },
    message: 'The gateway could not use its account with the model provider. This is not a fault of your key.'
  }
  for (const [status, body] of [
    [401, { error: { message: 'Incorrect API key provided: sk-proj-abc', code: 'invalid_api_key' } }], [402, ''], [403, { message: "You've run out of credits. Please top up: https://provider.example/billing/" }],
    [403, '<html>Forbidden</html>'], [429, { error: { message: 'You exceeded your current quota', type: 'insufficient_quota', code: 'insufficient_quota' } }],
    [429, { error: { message: 'Spend limit', type: 'insufficient_quota', code: 'organization_spend_limit_exceeded' } }], [429, { error: { code: 'credit_balance_exhausted' } }], [400, { error: { code: 'billing_hard_limit_reached' } }], [500, { message: '401 Incorrect API key' }]
  ] as const) t.strictSame(seen(answer(status, body)), account, `${status} ${JSON.stringify(body)}`)
})

test('a limited upstream says when to come back, in every SDK\'s spelling', async t => {
  const limited = { status: 429, message: 'The model provider is limiting requests. Try again later.', type: 'rate_limit_error', code: 'upstream_rate_limited', param: null }
  const body = { error: { message: 'Rate limit reached for gpt-4o in organization org-abc on tokens per min', type: 'tokens', code: 'rate_limit_exceeded' } }
  t.strictSame(seen(answer(429, body, { 'retry-after': '1.5' })), { ...limited, headers: { 'retry-after': '2', 'retry-after-ms': '1500' } })
  t.strictSame(seen(answer(429, 'Too Many Requests', { 'retry-after-ms': '250' })), { ...limited, headers: { 'retry-after': '1', 'retry-after-ms': '250' } })
  t.strictSame(seen(answer(429, '')), { ...limited, headers: {} })
  t.strictSame(seen(answer(500, { message: '429 Too Many Requests' }, { 'retry-after': '3' })), { ...limited, headers: { 'retry-after': '3', 'retry-after-ms': '3000' } })
})

test('a failing upstream is a 502, unless it is overloaded or late', async t => {
  for (const [status, ours] of [[500, 502], [502, 502], [501, 502], [520, 502], [599, 502], [408, 502], [503, 503], [504, 504]] as const) {
    t.strictSame(seen(answer(status, { message: 'Something wrong with the server. help@provider.example' })), { status: ours, message: 'The model provider failed to answer.', type: 'upstream_error', code: 'upstream_error', param: null, headers: {} })
  }
  t.match(answer(503, '', { 'retry-after': '7' }).headers, { 'retry-after': '7', 'retry-after-ms': '7000' })
})

test('a 500 that wraps a refusal is that refusal', async t => {
  t.match(seen(answer(500, { message: '400 Unable to access model gpt-4o-mini. ', statusCode: 500 })), { status: 400, message: 'Unable to access model gpt-4o-mini.', code: 'upstream_rejected' })
  t.match(seen(answer(500, { message: '404 The model is gone' })), { status: 404, code: 'model_not_found' })
  const inner = { type: 'error', error: { type: 'invalid_request_error', message: 'max_tokens: Field required' }, request_id: 'req_1' }
  for (const status of [400, 500]) t.match(seen(answer(status, { message: `400 ${JSON.stringify(inner)}`, statusCode: 400 })), { status: 400, message: 'max_tokens: Field required', type: 'invalid_request_error' })
  t.match(seen(answer(500, { message: '4000 tokens' })), { status: 502 })
  t.match(seen(answer(502, { message: '503 Service unavailable' })), { status: 503 })
  t.match(seen(answer(500, { message: 'Bad', statusCode: 400 })), { status: 502 }, 'the status line counts, not the body')
})

test('other refusals are between the gateway and its upstream', async t => {
  for (const status of [405, 406, 410, 415, 431, 451]) t.match(seen(answer(status, { message: 'x' })), { status: 502, code: 'upstream_error', headers: { 'x-should-retry': 'false' } })
})

test('what is no answer', async t => {
  for (const status of [100, 103, 200, 201, 204, 301, 302, 304, 307]) {
    t.match(seen(answer(status, '<a href="https://elsewhere.example">', { location: 'https://elsewhere.example' })), { status: 502, code: 'upstream_invalid_response', headers: {} })
  }
})

test('a page is never shown', async t => {
  for (const status of [400, 404, 413, 500, 502]) t.notMatch(JSON.stringify(seen(answer(status, '<html><body>nginx</body></html>', { 'content-type': 'text/html' }))), /html|nginx/)
})

test('whether to try again is the upstream\'s to say', async t => {
  for (const value of ['true', 'false']) t.match(answer(503, '', { 'x-should-retry': value }).headers, { 'x-should-retry': value })
  t.match(answer(401, '', { 'x-should-retry': 'true' }).headers, { 'x-should-retry': 'true' })
  t.strictSame(answer(503, '', { 'x-should-retry': 'maybe' }).headers, {})
})

test('codes, types and parameters that are none are left out', async t => {
  for (const bad of [7, '', 'two words', 'x'.repeat(65), {}, null]) {
    t.match(seen(answer(400, { error: { message: 'm', code: bad, type: bad } })), { code: 'upstream_rejected', type: 'invalid_request_error' })
  }
  for (const param of [7, '', 'x'.repeat(129), ['a'], 'see https://provider.example']) t.match(seen(answer(400, { error: { message: 'm', param } })), { param: null })
})

test('deep trees of issues end', async t => {
  const deep = `{"meta":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)},"message":"m"}`
  t.match(seen(answer(400, deep)), { message: 'm' })
})
