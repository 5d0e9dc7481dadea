import { head, key, validBody } from '../wire-case.ts'
import type { WireCase } from '../wire-case.ts'

/** A POST whose own framing headers are `lines`. */
function framed (lines: readonly string[], body: string): string {
  return head('POST /v1/chat/completions HTTP/1.1', 'content-type: application/json', ...lines) + body
}

const refused = { status: 400, code: 'bad_request', closes: true } as const
const length = `content-length: ${validBody.length}`
const chunked = `${validBody.length.toString(16)}\r\n${validBody}\r\n0\r\n\r\n`

/** Where one request ends and the next begins. In doubt the connection is closed. */
export const framingCases: readonly WireCase[] = [
  { title: 'Content-Length and Transfer-Encoding together', send: framed([length, 'transfer-encoding: chunked'], chunked), ...refused },
  { title: 'Transfer-Encoding before Content-Length', send: framed(['transfer-encoding: chunked', length], chunked), ...refused },
  { title: 'two different Content-Length', send: framed([length, 'content-length: 1'], validBody), ...refused },
  { title: 'two identical Content-Length', send: framed([length, length], validBody), ...refused },
  ...['-5', 'abc', '+5', '5,5', '5, 5', '0x5', '1e1', '', '99999999999999999999999'].map(value => ({
    title: `Content-Length "${value}"`, send: framed([`content-length: ${value}`], '12345'), ...refused
  })),
  ...['xchunked', 'chunked, identity', 'identity, chunked, chunked', 'chunked\x0b', 'gzip', 'identity'].map(value => ({
    title: `Transfer-Encoding ${JSON.stringify(value)}`, send: framed([`transfer-encoding: ${value}`], chunked), ...refused
  })),
  { title: 'two Transfer-Encoding headers, the second of them identity', send: framed(['transfer-encoding: chunked', 'transfer-encoding: identity'], chunked), ...refused },
  { title: 'a chunk size that is no number', send: framed(['transfer-encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'), ...refused },
  { title: 'a negative chunk size', send: framed(['transfer-encoding: chunked'], '-2\r\n{}\r\n0\r\n\r\n'), ...refused },
  { title: 'a chunk size that overflows', send: framed(['transfer-encoding: chunked'], 'fffffffffffffffff\r\n{}\r\n0\r\n\r\n'), ...refused },
  { title: 'a chunk longer than it says', send: framed(['transfer-encoding: chunked'], '2\r\n{}{}\r\n0\r\n\r\n'), ...refused },
  { title: 'a chunk that ends in a bare LF', send: framed(['transfer-encoding: chunked'], '2\n{}\n0\n\n'), ...refused },
  { title: 'a chunk extension of 20 KB', send: framed(['transfer-encoding: chunked'], `2;a=${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`), status: 413, code: 'request_too_large', closes: true },
  { title: 'a head of lines that end in a bare LF', send: framed([length], validBody).replaceAll('\r\n', '\n'), ...refused },
  { title: 'one line that ends in a bare LF', send: `GET /v1/models HTTP/1.1\r\nhost: t\nauthorization: Bearer ${key}\r\n\r\n`, ...refused },
  { title: 'a folded header line (obs-fold)', send: head('GET /v1/models HTTP/1.1', 'x-folded: one\r\n two'), ...refused },
  { title: 'a space before the colon', send: head('GET /v1/models HTTP/1.1', 'x-name : value'), ...refused },
  { title: 'a space before the first header', send: head('GET /v1/models HTTP/1.1').replace('host:', ' host:'), ...refused },
  { title: 'a header without a colon', send: head('GET /v1/models HTTP/1.1', 'nonsense'), ...refused },
  { title: 'a header without a name', send: head('GET /v1/models HTTP/1.1', ': value'), ...refused },
  { title: 'NUL in a header value', send: head('GET /v1/models HTTP/1.1', 'x-nul: a\0b'), ...refused },
  { title: 'a bare CR in a header value', send: head('GET /v1/models HTTP/1.1', 'x-cr: a\rb'), ...refused },
  { title: 'HTTP/1.0 with Transfer-Encoding', send: framed(['transfer-encoding: chunked'], chunked).replace('HTTP/1.1', 'HTTP/1.0'), ...refused },
  { title: 'HTTP/0.9: a request line without a version', send: 'GET /v1/models\r\n\r\n', ...refused },
  { title: 'HTTP/9.9', send: head('GET /v1/models HTTP/9.9'), ...refused },
  { title: 'HTTP/2.0 in a request line', send: head('GET /v1/models HTTP/2.0'), ...refused },
  { title: 'the preface of HTTP/2 on a plain port', send: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ...refused },
  { title: 'the hello of TLS on a plain port', send: Buffer.from('16030100c8010000c40303', 'hex'), ...refused },
  { title: 'bytes that are no HTTP at all', send: '\r\n\r\n\x00\x01\x02\x03', ...refused }
]
