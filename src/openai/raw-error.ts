import type { GatewayError } from './errors.ts'

/** A whole HTTP/1.1 answer as text, for sockets that have no response object. The reason phrase is left empty (RFC 9112 §4). */
export function rawErrorResponse (error: GatewayError, requestId: string): string {
  const body = JSON.stringify(error.toBody())
  const head = [
    `HTTP/1.1 ${error.statusCode} `,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    ...Object.entries(error.headers).map(([name, value]) => `${name}: ${value}`),
    'connection: close'
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
