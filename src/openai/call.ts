import type { ScannedObject } from './scan.ts'

/** The routes that carry a model and are metered. */
export type Endpoint = 'chat.completions' | 'responses' | 'embeddings'

/** The facts that the gateway needs of an inference request. Everything else in the body is the caller's and the upstream's. */
export interface Call {
  readonly endpoint: Endpoint
  /** The bytes as they came. They are forwarded, never re-serialised. */
  readonly body: Buffer
  readonly scanned: ScannedObject
  readonly model: string
  readonly stream: boolean
  /** The caller asked for the usage chunk itself (`stream_options.include_usage: true`). */
  readonly includeUsage: boolean
  /** The digits of an integer `seed` as spelled, or null: int64 does not fit a JS number. */
  readonly seed: string | null
  /** `max_completion_tokens`, `max_tokens` or `max_output_tokens`; null when the caller sets no cap. */
  readonly maxOutputTokens: number | null
  /** `n`, 1 when absent. */
  readonly choices: number
}
