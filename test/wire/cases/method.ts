import { get, head, post, postTo } from '../wire-case.ts'
import type { WireCase } from '../wire-case.ts'

const notAllowed = { status: 405, code: 'method_not_allowed' } as const
const forPost = { allow: 'POST' }

/** Methods that a route lacks, and changes of protocol. */
export const methodCases: readonly WireCase[] = [
  { title: 'GET where there is only POST', send: get('/v1/chat/completions'), ...notAllowed, headers: forPost },
  { title: 'GET of embeddings', send: get('/v1/embeddings'), ...notAllowed, headers: forPost },
  { title: 'DELETE of chat completions', send: head('DELETE /v1/chat/completions HTTP/1.1'), ...notAllowed, headers: forPost },
  { title: 'PUT of a response', send: head('PUT /v1/responses/resp_1 HTTP/1.1'), ...notAllowed, headers: { allow: 'GET, DELETE' } },
  { title: 'POST to models', send: postTo('/v1/models', '{}'), ...notAllowed, headers: { allow: 'GET' } },
  { title: 'HEAD of models', send: head('HEAD /v1/models HTTP/1.1'), ...notAllowed, headers: { allow: 'GET' } },
  { title: 'TRACE', send: head('TRACE /v1/models HTTP/1.1'), ...notAllowed, headers: { allow: 'GET' } },
  { title: 'PURGE', send: head('PURGE /v1/models HTTP/1.1'), ...notAllowed, headers: { allow: 'GET' } },
  { title: 'QUERY', send: head('QUERY /v1/models HTTP/1.1'), ...notAllowed, headers: { allow: 'GET' } },
  { title: 'OPTIONS, as browsers ask before a call', send: head('OPTIONS /v1/chat/completions HTTP/1.1', 'origin: https://example.com', 'access-control-request-method: POST'), ...notAllowed, headers: forPost },
  { title: 'PROPFIND of a path that is not there', send: head('PROPFIND /dav HTTP/1.1'), status: 404, code: 'unknown_url' },
  { title: 'CONNECT', send: head('CONNECT example.com:443 HTTP/1.1'), ...notAllowed, headers: { allow: 'GET, POST, DELETE' }, closes: true },
  { title: 'CONNECT with bytes behind it', send: `${head('CONNECT example.com:443 HTTP/1.1')}\x16\x03\x01`, ...notAllowed, closes: true },
  { title: 'an offer of h2c is ignored: clients of Java always make it', send: get('/v1/models', 'connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQBAAAAAAIAAAAA'), status: 200 },
  { title: 'an offer of h2c with a body is ignored', send: post(undefined, 'connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQBAAAAAAIAAAAA'), status: 200 },
  {
    title: 'an upgrade to WebSocket',
    send: get('/v1/responses', 'connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=='),
    status: 426,
    code: 'websocket_unsupported',
    headers: { upgrade: 'HTTP/1.1', connection: 'upgrade' }
  },
  { title: 'an upgrade to WebSocket without a key', send: get('/v1/realtime', 'authorization: ', 'connection: keep-alive, Upgrade', 'upgrade: WebSocket'), status: 426, code: 'websocket_unsupported' }
]
