import { gzipSync } from 'node:zlib'
import { get, head, maxBodyBytes, post, validBody } from '../wire-case.ts'
import type { WireCase } from '../wire-case.ts'

const noMedia = { status: 415, code: 'unsupported_media_type' } as const
const noEncoding = { status: 415, code: 'unsupported_encoding' } as const
const tooLarge = { status: 413, code: 'request_too_large', closes: true } as const

const typed = (type: string) => post(validBody, `content-type: ${type}`)
const limit = maxBodyBytes
const chunk = (bytes: number) => `${bytes.toString(16)}\r\n${' '.repeat(bytes)}\r\n`

/** Media types, encodings and sizes: only uncompressed JSON in UTF-8 is read, up to the limit. */
export const mediaCases: readonly WireCase[] = [
  { title: 'text/plain', send: typed('text/plain'), ...noMedia },
  { title: 'a form', send: typed('application/x-www-form-urlencoded'), ...noMedia },
  { title: 'a multipart form', send: typed('multipart/form-data; boundary=x'), ...noMedia },
  { title: 'a JSON patch', send: typed('application/json-patch+json'), ...noMedia },
  { title: 'a type that only begins like JSON', send: typed('application/jsonx'), ...noMedia },
  { title: 'a type that is no type', send: typed('json'), ...noMedia },
  { title: 'an empty content type', send: typed(''), ...noMedia },
  { title: 'no content type', send: head('POST /v1/chat/completions HTTP/1.1', `content-length: ${validBody.length}`) + validBody, ...noMedia },
  { title: 'JSON in odd case', send: typed('Application/JSON; Charset="UTF-8"'), status: 200 },
  { title: 'charset=utf-8', send: typed('application/json;charset=utf-8'), status: 200 },
  { title: 'charset=utf-16', send: typed('application/json; charset=utf-16'), ...noMedia },
  { title: 'charset=latin1', send: typed('application/json; charset="iso-8859-1"'), ...noMedia },
  { title: 'gzip', send: post(gzipSync(validBody), 'content-encoding: gzip'), ...noEncoding },
  { title: 'a bomb of gzip is not unpacked', send: post(gzipSync(Buffer.alloc(50_000_000)), 'content-encoding: gzip'), ...noEncoding },
  { title: 'gzip that is not announced', send: post(gzipSync(validBody)), status: 400, code: 'invalid_utf8' },
  { title: 'two encodings', send: post(validBody, 'content-encoding: identity, br'), ...noEncoding },
  { title: 'the encoding identity', send: post(validBody, 'content-encoding: Identity'), status: 200 },
  { title: 'no body and no content type', send: head('POST /v1/chat/completions HTTP/1.1', 'content-length: 0'), status: 400, code: 'invalid_json' },
  { title: 'no body, no content type and no length', send: head('POST /v1/chat/completions HTTP/1.1'), status: 400, code: 'invalid_json' },
  { title: 'a body for GET is not looked at', send: `${get('/v1/models', 'content-type: text/plain', 'content-length: 5')}12345`, status: 200 },
  { title: 'a body as large as is allowed', send: post(validBody.padEnd(limit)), status: 200 },
  { title: 'a body one byte too large', send: post(validBody.padEnd(limit + 1)), ...tooLarge },
  { title: 'a declared length of 100 MB, and nothing behind it', send: head('POST /v1/chat/completions HTTP/1.1', 'content-type: application/json', 'content-length: 100000000'), ...tooLarge },
  {
    title: 'a chunked body that passes the limit and goes on',
    send: head('POST /v1/chat/completions HTTP/1.1', 'content-type: application/json', 'transfer-encoding: chunked') + chunk(limit) + chunk(1) + chunk(1_000_000),
    ...tooLarge
  }
]
