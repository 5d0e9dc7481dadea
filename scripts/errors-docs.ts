/**
 * Writes docs/errors.md from the table of failures.
 * With `--check` it writes nothing, and exits with 1 when the file is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { errorTable } from '../src/openai/errors.ts'
import type { ErrorCode } from '../src/openai/errors.ts'

const target = new URL('../docs/errors.md', import.meta.url)

const introduction = `# Errors

<!-- Written by \`npm run docs\` from src/openai/errors.ts and scripts/errors-docs.ts. Change those files, not this one. -->

Every failure has OpenAI's shape, whatever failed: all four members are always there.

\`\`\`json
{ "error": { "message": "\\"max_tokens\\" must be an integer from 1 to 2147483647.", "type": "invalid_request_error", "param": "max_tokens", "code": "invalid_value" } }
\`\`\`

- \`code\` says what happened, and is what programs should look at; \`message\` is for people and may change; \`param\` names the parameter at fault, or is null.
- The header \`x-request-id\` finds the request in the gateway's log. It is there on every answer, good or bad.
- Where waiting helps, \`retry-after\` (seconds) and \`retry-after-ms\` say how long. OpenAI's SDKs obey them: they try 408, 409, 429 and 5xx again by themselves,
  unless \`x-should-retry: false\` says that it would be in vain.
- A failure after a stream has begun comes as its last event, in the same shape: \`data: {"error": …}\` for chat completions, \`event: error\` for responses.
  A stream that ends without its terminal event (\`[DONE]\`, \`response.completed\`) was cut off.
- When what came was not HTTP, or its end could not be told, the answer comes with \`connection: close\`.
- Failures of the provider that the caller can do something about (a parameter it refuses, a context too long) keep the provider's own status, type and code.`

const requestAdvice = {
  bad_request: 'The bytes are not the HTTP/1.1 that the gateway speaks: two `Host` headers, two lengths, HTTP/2 without TLS. Look at what stands between the client and the gateway.',
  invalid_url: 'Encode the path: a `%` must be followed by two hexadecimal digits, a `#` is written `%23`.',
  invalid_json: 'The message names the byte at which the body stops being JSON. Let a library write it.',
  invalid_utf8: 'Encode the body as UTF-8, and do not compress it.',
  json_too_deep: 'Nest less, or let the operator raise `body.max_depth`.',
  json_too_complex: 'Send fewer values, or let the operator raise `body.max_tokens`.',
  duplicate_key: 'Name each key of the top level, and of `stream_options`, once. Readers differ in which of two they take.',
  invalid_type: 'Send `param` as the type that the message asks for; without a `param`: send an object.',
  invalid_value: 'Send `param` within the bounds that the message names.',
  missing_required_parameter: 'Send `param`.',
  request_exceeds_limit: 'Ask for less (`max_tokens`, a shorter prompt): this request alone is larger than a limit of its key, so that waiting does not help.',
  missing_api_key: 'Send the header `Authorization: Bearer sk-tg_…`. Keys are not read from the URL.',
  invalid_api_key: 'The message says what is wrong: mistyped or cut off, a key of another provider, an admin key, unknown, revoked, expired. Ask the operator for a new one.',
  permission_denied: 'Ask the operator for the permission.',
  unknown_url: 'The message lists what exists. Check the base URL: it ends in `/v1`.',
  model_not_found: '`GET /v1/models` lists the models; the message may name one that is spelled nearly the same.',
  not_found: 'It never was, has been deleted, or belongs to another project.',
  method_not_allowed: 'The header `allow` lists the methods of this route.',
  request_timeout: 'A request\'s headers have 10 seconds and the whole request 30. Send faster, or less.',
  conflict: 'Read the object again, and decide again.',
  request_too_large: 'Send less, or let the operator raise `body.max_bytes`. Better send images by URL.',
  uri_too_long: 'The URL may have 8,192 characters, an id in it 512.',
  unsupported_media_type: 'Send JSON in UTF-8, as `content-type: application/json`.',
  unsupported_encoding: 'Send the body without `content-encoding`.',
  expectation_failed: 'Send no `Expect`, or `Expect: 100-continue`.',
  websocket_unsupported: 'Use `stream: true`: the events are the same.',
  headers_too_large: 'All headers together may have 64 KiB, one of them 16 KiB, and there may be 1,000 of them. Often it is a cookie or `baggage` that grew.'
}

const limitAdvice = {
  rate_limit_exceeded: 'The `x-ratelimit-*` headers and the message say which limit. Wait as long as `retry-after` says; if that is too often, ask the operator for a higher limit. ' +
    'Without a valid key: too many bad keys came from this address.',
  insufficient_quota: 'The spend limit of this month is used up. It is no use to try again: ask the operator.'
}

const upstreamAdvice = {
  upstream_rate_limited: 'The provider limits the gateway\'s own account. Wait as long as `retry-after` says. Operators: more keys, or a `fallbacks` model.',
  upstream_rejected: 'The message is the provider\'s. Change the request.',
  upstream_error: 'Try again. Operators: the log has the provider\'s status and answer.',
  upstream_unreachable: 'Try again. Operators: name resolution, network, `base_url`.',
  upstream_tls_error: 'Operators: the provider\'s certificate, or the trust store of the gateway.',
  upstream_auth_error: 'It is not your key. Operators: the provider refuses the gateway\'s key or its account has no credit.',
  upstream_invalid_response: 'Try again. Operators: does `base_url` lead to an OpenAI-compatible API?',
  upstream_disconnected: 'Try again. What had been generated may have been billed.',
  upstream_unavailable: 'Wait as long as `retry-after` says: after several failures in a row the provider is given a pause. Operators: `breaker`, `fallbacks`.',
  upstream_timeout: 'Try again, with `stream: true` for long answers. Operators: `timeouts.first_byte`, `timeouts.idle`.'
}

const gatewayAdvice = {
  internal_error: 'A fault of the gateway. Please report it, with what the log says of the request id.',
  auth_unavailable: 'Try again after `retry-after`. Operators: the store does not answer.',
  metering_unavailable: 'Try again after `retry-after`. Operators: the store does not answer, and this project\'s `failure_mode` is `closed`.',
  overloaded: 'Try again after `retry-after`. Operators: more processes.',
  draining: 'Try again: another process takes the request.',
  gateway_timeout: 'The whole request, with all that was tried, took longer than `timeouts.total`. Use `stream: true`, or ask for less.'
}

/** A code without advice does not compile. */
const adviceOf: Readonly<Record<ErrorCode, string>> = { ...requestAdvice, ...limitAdvice, ...upstreamAdvice, ...gatewayAdvice }

function section (title: string, advice: Readonly<Record<string, string>>): string {
  const rows = (Object.keys(advice) as ErrorCode[]).map(code => {
    const { status, type, message } = errorTable[code]
    return `| \`${code}\` | ${status} | \`${type}\` | ${message} | ${adviceOf[code]} |`
  })
  return [`## ${title}`, '', '| code | status | type | says | what to do |', '|---|---|---|---|---|', ...rows].join('\n')
}

const text = [
  introduction,
  section('The request', requestAdvice),
  section('Limits', limitAdvice),
  section('The provider', upstreamAdvice),
  section('The gateway', gatewayAdvice)
].join('\n\n') + '\n'

if (!process.argv.includes('--check')) writeFileSync(target, text)
else if (readFileSync(target, 'utf8') !== text) {
  console.error('docs/errors.md is stale: npm run docs')
  process.exitCode = 1
}
