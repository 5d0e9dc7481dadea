import type { RequestFacts } from './request-facts.ts'

/** One request as a line of the log. No body, no key, no query string, no address. */
export interface RequestLine {
  readonly request_id: string
  readonly method: string
  readonly route: string | null
  readonly status: number
  readonly project?: string | undefined
  /** The key's public id. */
  readonly key?: string | undefined
  readonly model?: string | undefined
  readonly stream?: boolean | undefined
  readonly upstream?: string | undefined
  readonly upstream_model?: string | undefined
  /** Requests written to upstreams, when there was more than one. */
  readonly attempts?: number | undefined
  readonly input_tokens?: number | undefined
  readonly cached_tokens?: number | undefined
  readonly output_tokens?: number | undefined
  readonly cost_nano_usd?: number | undefined
  readonly cache?: string | undefined
  /** The limit that refused the request: `project requests_per_minute`, for which model (`*`: all), how much, how much was in use, and how long until it is whole. Spend is nano-USD. */
  readonly limit?: string | undefined
  readonly limit_model?: string | undefined
  readonly limit_max?: number | undefined
  readonly limit_used?: number | undefined
  readonly limit_reset_ms?: number | undefined
  readonly error?: string | undefined
  /** The client left before it had its answer. */
  readonly left?: true | undefined
  readonly total_ms: number
  /** From asking the upstream to the end, and to the first byte, of its answer. */
  readonly upstream_ms?: number | undefined
  readonly first_byte_ms?: number | undefined
  /** From the request to the first generated text of a stream. */
  readonly first_token_ms?: number | undefined
  readonly overhead_ms?: number | undefined
}

/** Writes the line of a request that has ended. */
export type LogRequest = (facts: RequestFacts) => void

/**
 * Writes what `logger.info(requestLine(facts), 'request')` would, to the byte, at half the cost: pino puts a line together member by member, and
 * looks each name up among those that it redacts or rewrites. It does neither to any of these.
 *
 * @param write the same as the logger's
 */
export function requestLogger (logger: { isLevelEnabled (level: string): boolean }, write: (line: string) => void): LogRequest {
  return facts => {
    if (logger.isLevelEnabled('info')) write(`{"level":"info","time":${Date.now()},${JSON.stringify(requestLine(facts)).slice(1, -1)},"msg":"request"}\n`)
  }
}

export function requestLine (facts: RequestFacts): RequestLine {
  const { outcome, deniedBy } = facts
  const usage = outcome?.usage
  return {
    request_id: facts.id,
    method: facts.method,
    route: facts.route,
    status: facts.status,
    project: facts.projectId ?? undefined,
    key: facts.keyId ?? undefined,
    model: facts.model ?? undefined,
    stream: facts.stream ? true : undefined,
    upstream: outcome?.upstream,
    upstream_model: outcome?.upstreamModel ?? undefined,
    attempts: outcome !== null && outcome.attempts > 1 ? outcome.attempts : undefined,
    input_tokens: usage?.inputTokens,
    cached_tokens: usage?.cachedInputTokens === 0 ? undefined : usage?.cachedInputTokens,
    output_tokens: usage?.outputTokens,
    cost_nano_usd: facts.costNanoUsd ?? undefined,
    cache: facts.cache ?? undefined,
    limit: deniedBy === null ? undefined : `${deniedBy.rule.scope} ${deniedBy.rule.metric}`,
    limit_model: deniedBy?.rule.model,
    limit_max: deniedBy?.limit,
    limit_used: deniedBy?.current,
    limit_reset_ms: deniedBy?.resetMs,
    error: facts.error?.code,
    left: facts.left ? true : undefined,
    total_ms: tenths(facts.totalMs),
    upstream_ms: tenths(outcome?.upstreamMs),
    first_byte_ms: tenths(outcome?.firstByteMs),
    first_token_ms: tenths(facts.firstTokenMs),
    overhead_ms: tenths(facts.overheadMs)
  }
}

function tenths (ms: number): number
function tenths (ms: number | null | undefined): number | undefined
function tenths (ms: number | null | undefined): number | undefined {
  return ms == null ? undefined : Math.round(ms * 10) / 10
}
