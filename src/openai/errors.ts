/**
 * Every failure the gateway can answer with: one table, one error class.
 *
 * The body shape is OpenAI's: `{"error":{"message","type","param","code"}}`, all four always present
 * (openai-openapi `Error`). Codes that OpenAI publishes are used where one exists; the others are ours
 * and documented in docs/errors.md.
 */

interface ErrorEntry {
  /** HTTP status of the answer. */
  readonly status: number
  /** OpenAI's coarse class, `error.type`. */
  readonly type: string
  /** Shown when the thrower gives no better sentence. Never names an upstream or a secret. */
  readonly message: string
}

const invalid = 'invalid_request_error'
const auth = 'authentication_error'
const limit = 'rate_limit_error'
const server = 'server_error'
const upstream = 'upstream_error'

export const errorTable = {
  // The caller's request
  bad_request: { status: 400, type: invalid, message: 'The request could not be understood.' },
  invalid_url: { status: 400, type: invalid, message: 'The URL is not valid: its percent-encoding is broken.' },
  invalid_json: { status: 400, type: invalid, message: 'The request body is not valid JSON.' },
  invalid_utf8: { status: 400, type: invalid, message: 'The request body is not valid UTF-8.' },
  json_too_deep: { status: 400, type: invalid, message: 'The request body is nested too deeply.' },
  json_too_complex: { status: 400, type: invalid, message: 'The request body has too many values.' },
  duplicate_key: { status: 400, type: invalid, message: 'The request body names the same key twice.' },
  invalid_type: { status: 400, type: invalid, message: 'A value in the request has the wrong type.' },
  invalid_value: { status: 400, type: invalid, message: 'A value in the request is not allowed.' },
  missing_required_parameter: { status: 400, type: invalid, message: 'A required parameter is missing.' },
  request_exceeds_limit: { status: 400, type: invalid, message: 'This single request is larger than the limit and can never pass.' },
  missing_api_key: { status: 401, type: auth, message: 'No API key was sent. Use the header "Authorization: Bearer sk-tg_…".' },
  invalid_api_key: { status: 401, type: auth, message: 'The API key is not valid.' },
  permission_denied: { status: 403, type: invalid, message: 'This key may not do that.' },
  unknown_url: { status: 404, type: invalid, message: 'There is no such route.' },
  model_not_found: { status: 404, type: invalid, message: 'The model does not exist or this key may not use it.' },
  not_found: { status: 404, type: invalid, message: 'There is no such object.' },
  method_not_allowed: { status: 405, type: invalid, message: 'This route does not take that method.' },
  request_timeout: { status: 408, type: invalid, message: 'The request did not arrive in time.' },
  conflict: { status: 409, type: invalid, message: 'The object is in another state.' },
  request_too_large: { status: 413, type: invalid, message: 'The request body is too large.' },
  uri_too_long: { status: 414, type: invalid, message: 'The request line is too long.' },
  unsupported_media_type: { status: 415, type: invalid, message: 'Send the body as "content-type: application/json".' },
  unsupported_encoding: { status: 415, type: invalid, message: 'Compressed request bodies are not supported.' },
  expectation_failed: { status: 417, type: invalid, message: 'Only "Expect: 100-continue" is supported.' },
  websocket_unsupported: { status: 426, type: invalid, message: 'WebSocket mode is not supported. Use HTTP streaming (stream: true).' },
  headers_too_large: { status: 431, type: invalid, message: 'The request headers are too large.' },

  // The tenant's policy
  rate_limit_exceeded: { status: 429, type: limit, message: 'The rate limit is reached.' },
  insufficient_quota: { status: 429, type: 'insufficient_quota', message: 'The spend limit is reached.' },

  // The upstream
  upstream_rate_limited: { status: 429, type: limit, message: 'The model provider is limiting requests. Try again later.' },
  upstream_rejected: { status: 400, type: invalid, message: 'The model provider refused the request.' },
  upstream_error: { status: 502, type: upstream, message: 'The model provider failed to answer.' },
  upstream_unreachable: { status: 502, type: upstream, message: 'The model provider could not be reached.' },
  upstream_tls_error: { status: 502, type: upstream, message: 'No secure connection to the model provider could be made.' },
  upstream_auth_error: { status: 502, type: upstream, message: 'The gateway could not use its account with the model provider. This is not a fault of your key.' },
  upstream_invalid_response: { status: 502, type: upstream, message: 'The model provider sent an answer that could not be understood.' },
  upstream_disconnected: { status: 502, type: upstream, message: 'The model provider closed the connection before its answer was complete.' },
  upstream_unavailable: { status: 503, type: upstream, message: 'The model provider is failing and is being given a pause.' },
  upstream_timeout: { status: 504, type: upstream, message: 'The model provider did not answer in time.' },

  // The gateway itself
  internal_error: { status: 500, type: server, message: 'The gateway failed. The request id finds the cause in its log.' },
  auth_unavailable: { status: 503, type: server, message: 'The key could not be checked just now. Try again.' },
  metering_unavailable: { status: 503, type: server, message: 'Usage cannot be recorded just now. Try again.' },
  overloaded: { status: 503, type: server, message: 'The gateway is overloaded. Try again.' },
  draining: { status: 503, type: server, message: 'The gateway is shutting down. Try again.' },
  gateway_timeout: { status: 504, type: server, message: 'The request took longer than the gateway allows.' }
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorTable

export interface GatewayErrorOptions {
  /** What to tell the caller, instead of the table's sentence. */
  readonly message?: string
  /** The parameter at fault, `error.param`. */
  readonly param?: string
  /** Another status than the table's, for failures that keep the upstream's own. */
  readonly status?: number
  /** Another public code or type than the table's: an upstream's own, passed on to the caller. */
  readonly publicCode?: string | null
  readonly publicType?: string
  /** Response headers that belong to the failure (`retry-after`, `allow`, …). Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>
  /** The cause, for the log. It is never shown to the caller. */
  readonly cause?: unknown
}

export interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string | null
  }
}

/**
 * A failure with an entry in the table. Thrown anywhere; formatted in one place, `plugins/errors.ts`. It has no stack: it is an answer,
 * and a stack costs an eighth of a refused request. Its cause has one.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  readonly statusCode: number
  readonly type: string
  readonly param: string | null
  readonly publicCode: string | null
  readonly headers: Readonly<Record<string, string>>

  constructor (code: ErrorCode, options: GatewayErrorOptions = {}) {
    const entry = errorTable[code]
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(options.message ?? entry.message, options.cause === undefined ? undefined : { cause: options.cause })
    Error.stackTraceLimit = stackTraceLimit
    this.code = code
    this.statusCode = options.status ?? entry.status
    this.type = options.publicType ?? entry.type
    this.param = options.param ?? null
    this.publicCode = options.publicCode === undefined ? code : options.publicCode
    this.headers = options.headers ?? {}
  }

  /** The body as the caller sees it. */
  toBody (): ErrorBody {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.publicCode } }
  }
}
