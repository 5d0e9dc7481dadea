import { get, head, post, postTo, validBody } from '../wire-case.ts'
import type { WireCase } from '../wire-case.ts'

const unknown = { status: 404, code: 'unknown_url' } as const
const unknownModel = { status: 404, code: 'model_not_found', param: 'model' } as const
const unknownResponse = { status: 404, code: 'not_found', param: 'response_id' } as const
const badUrl = { status: 400, code: 'invalid_url' } as const

/** What is asked for: strange paths reach no upstream, and no id of theirs becomes a path. */
export const targetCases: readonly WireCase[] = [
  { title: 'absolute form: routed by its path alone', send: get('http://evil.example/v1/models'), status: 200 },
  { title: 'absolute form with a path that is not there', send: get('http://evil.example/admin'), ...unknown },
  { title: 'absolute form of a response that is not ours to fetch', send: get('http://evil.example/v1/responses/..%2f..%2fadmin'), ...unknownResponse },
  { title: 'absolute form of another scheme', send: get('file:///etc/passwd'), ...unknown },
  { title: 'absolute form without a path', send: get('http://evil.example'), ...unknown },
  { title: 'a target without a slash', send: get('v1/models'), status: 400, code: 'bad_request', closes: true },
  { title: 'dots and escaped slashes in a model id', send: get('/v1/models/..%2f..%2fadmin'), ...unknownModel },
  { title: 'dots and slashes in a model id', send: get('/v1/models/../../admin'), ...unknownModel },
  { title: 'doubly escaped slashes in a model id', send: get('/v1/models/..%252f..%252fadmin'), ...unknownModel },
  { title: 'dots in a path', send: get('/v1/../admin'), ...unknown },
  { title: 'dots and escaped slashes in a response id', send: get('/v1/responses/..%2f..%2fadmin'), ...unknownResponse },
  { title: 'only dots as a response id', send: get('/v1/responses/..'), ...unknownResponse },
  { title: 'an escaped question mark in a response id', send: get('/v1/responses/a%3fb'), ...unknownResponse },
  { title: 'CRLF in a response id', send: get('/v1/responses/a%0d%0ax-injected:%201'), ...unknownResponse },
  { title: 'percent-encoding that is broken', send: get('/v1/models/%zz'), ...badUrl },
  { title: 'percent-encoding that is cut off', send: get('/v1/models/%4'), ...badUrl },
  { title: 'percent-encoding that is not UTF-8', send: get('/v1/models/%ff'), ...badUrl },
  { title: 'NUL as a model id', send: get('/v1/models/%00'), ...unknownModel },
  { title: 'NUL as a response id', send: get('/v1/responses/%00'), ...unknownResponse },
  { title: 'a doubled slash before: a base URL without a path, and a slash too many', send: get('//v1/models'), status: 200 },
  { title: 'a doubled slash at the join of base URL and path', send: get('/v1//models'), status: 200 },
  { title: 'a doubled slash further on', send: get('/v1/responses//x'), ...unknown },
  { title: 'a backslash', send: get('\\v1\\models'), status: 400, code: 'bad_request', closes: true },
  { title: 'a backslash inside', send: get('/v1\\models'), ...unknown },
  { title: 'a path parameter after a semicolon', send: get('/v1/models;a=b'), ...unknown },
  { title: 'a fragment', send: get('/v1/models#x'), ...badUrl },
  { title: 'a fragment in the query', send: get('/v1/models?a=b#x'), ...badUrl },
  { title: 'the version in upper case', send: get('/V1/models'), ...unknown },
  { title: 'a doubled /v1', send: get('/v1/v1/models'), status: 200 },
  { title: 'no /v1', send: get('/models'), status: 200 },
  { title: 'no /v1, with a body', send: postTo('/chat/completions', validBody), status: 200 },
  { title: 'a trailing slash', send: get('/v1/models/'), status: 200 },
  { title: 'a trailing slash, with a body', send: postTo('/v1/chat/completions/', validBody), status: 200 },
  { title: 'a response without an id', send: get('/v1/responses/'), status: 405, code: 'method_not_allowed', headers: { allow: 'POST' } },
  { title: 'the items of a response without an id', send: get('/v1/responses//input_items'), ...unknownResponse },
  { title: 'a model id with a slash, escaped', send: get('/v1/models/openai%2Fgpt-oss'), ...unknownModel },
  { title: 'a model id of 300 characters', send: get(`/v1/models/${'a'.repeat(300)}`), ...unknownModel },
  { title: 'a response id of 300 characters', send: get(`/v1/responses/${'a'.repeat(300)}`), ...unknownResponse },
  { title: 'a response id of 600 characters', send: get(`/v1/responses/${'a'.repeat(600)}`), status: 414, code: 'uri_too_long' },
  { title: 'a query of 15 KB', send: get(`/v1/models?q=${'a'.repeat(15_000)}`), status: 414, code: 'uri_too_long' },
  { title: 'a query of 15 KB, with a body', send: postTo(`/v1/chat/completions?q=${'a'.repeat(15_000)}`, validBody), status: 414, code: 'uri_too_long' },
  { title: 'a query named like members of every object', send: get('/v1/models?__proto__=1&constructor[prototype]=2'), status: 200 },
  { title: 'a query that is not UTF-8', send: get('/v1/models?a=%ff%zz'), status: 200 },
  { title: 'an asterisk as the target', send: head('OPTIONS * HTTP/1.1'), ...unknown },
  { title: 'a path that a browser asks for', send: get('/favicon.ico'), ...unknown },
  { title: 'a body for a path that is not there', send: postTo('/v1/nothing', 'x'.repeat(100_000)), ...unknown },
  { title: 'a usual request', send: post(), status: 200 }
]
