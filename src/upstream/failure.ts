import { GatewayError } from '../openai/errors.ts'

/** The codes of Node and undici that mean: no connection could be made, and nothing was sent. */
const unreachable = new Set([
  'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN', 'UND_ERR_CONNECT_TIMEOUT'
])

const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])

/** Of a connection that was there, and was closed or reset by the other side. */
const died = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/** Whether the other side ended the connection, and not this one's patience. */
export function connectionDied (error: unknown): boolean {
  return died.has(codeOf(error))
}

/** What the caller is told when the connection to the upstream failed. The cause stays for the log. */
export function failureOf (error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  const code = codeOf(error)
  if (unreachable.has(code)) return new GatewayError('upstream_unreachable', { cause: error })
  if (timeouts.has(code)) return new GatewayError('upstream_timeout', { cause: error })
  if (isTlsCode(code)) return new GatewayError('upstream_tls_error', { cause: error })
  if (isNotHttp(error) || code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
    return new GatewayError('upstream_invalid_response', { cause: error })
  }
  return new GatewayError('upstream_disconnected', { cause: error })
}

/** undici means to give these the parser's code, `HPE_…`, and gives them none. */
function isNotHttp (error: unknown): boolean {
  return error instanceof Error && error.name === 'HTTPParserError'
}

function codeOf (error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return String(error.code)
}

/** OpenSSL's and Node's names for a certificate or handshake that is not to be trusted. */
function isTlsCode (code: string): boolean {
  return code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_') || code.startsWith('CERT_') || code.includes('SELF_SIGNED') ||
    code.startsWith('UNABLE_TO_') || code === 'DEPTH_ZERO_SELF_SIGNED_CERT' || code === 'EPROTO' || code === 'HOSTNAME_MISMATCH'
}
