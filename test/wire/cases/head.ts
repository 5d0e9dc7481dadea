import { get, head, key, post } from '../wire-case.ts'
import type { WireCase } from '../wire-case.ts'

const badRequest = { status: 400, code: 'bad_request' } as const
const tooLarge = { status: 431, code: 'headers_too_large' } as const
const manyHeaders = (count: number) => Array.from({ length: count }, (_, index) => `x-${index}: 1`)

/** Request lines and headers. */
export const headCases: readonly WireCase[] = [
  { title: 'no Host in HTTP/1.1', send: `GET /v1/models HTTP/1.1\r\nauthorization: Bearer ${key}\r\n\r\n`, ...badRequest, closes: true },
  { title: 'two Host headers', send: get('/v1/models', 'host: a', 'host: b'), ...badRequest, closes: true },
  { title: 'two equal Host headers', send: get('/v1/models', 'host: a', 'HOST: a'), ...badRequest, closes: true },
  { title: 'two Content-Type headers', send: post('{}', 'content-type: application/json', 'Content-Type: text/plain'), ...badRequest, closes: true },
  { title: 'two Authorization headers', send: get('/v1/models', `authorization: Bearer ${key}`, 'authorization: Bearer sk-other'), status: 401, code: 'invalid_api_key' },
  { title: 'a header of 20 KB', send: get('/v1/models', `x-long: ${'a'.repeat(20_000)}`), ...tooLarge },
  { title: 'a header of 15 KB passes: tracing and cookies grow', send: get('/v1/models', `x-long: ${'a'.repeat(15_000)}`), status: 200 },
  { title: 'headers of 40 KB together pass, as at OpenAI', send: get('/v1/models', ...['a', 'b', 'c', 'd'].map(name => `x-${name}: ${name.repeat(10_000)}`)), status: 200 },
  { title: 'headers of 70 KB together', send: get('/v1/models', ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(name => `x-${name}: ${name.repeat(10_000)}`)), ...tooLarge, closes: true },
  { title: 'a header name of 70 KB', send: get('/v1/models', `${'x'.repeat(70_000)}: 1`), ...tooLarge, closes: true },
  { title: '2,100 headers', send: get('/v1/models', ...manyHeaders(2_100)), ...tooLarge, closes: true },
  { title: '1,001 headers', send: get('/v1/models', ...manyHeaders(999)), ...tooLarge, closes: true },
  { title: '990 headers pass', send: get('/v1/models', ...manyHeaders(988)), status: 200 },
  { title: 'an unknown method', send: head('FOO /v1/models HTTP/1.1'), ...badRequest, closes: true },
  { title: 'a method in lower case', send: head('post /v1/chat/completions HTTP/1.1'), ...badRequest, closes: true },
  { title: 'a request line without a target', send: head('GET HTTP/1.1'), ...badRequest, closes: true },
  { title: 'empty lines before a request', send: `\r\n\r\n${get('/v1/models')}`, status: 200 },
  { title: 'header names and values in odd case', send: get('/v1/models', 'HOST: Tollgate.TEST', `AUTHORIZATION: BEARER ${key}`), status: 200 },
  { title: 'header values that are not ASCII', send: get('/v1/models', 'x-latin: caf\xe9', 'x-utf8: caf\xc3\xa9'), status: 200 },
  { title: 'headers named like members of every object', send: get('/v1/models', '__proto__: 1', 'constructor: 2', 'tostring: 3'), status: 200 },
  { title: 'a request id of the caller is not taken over', send: get('/v1/models', 'x-request-id: mine', 'request-id: mine'), status: 200 }
]
