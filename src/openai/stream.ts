import type { GatewayError } from './errors.ts'
import type { Usage } from './usage.ts'

/**
 * One upstream event stream on its way to one client. Pure: upstream bytes in, client bytes out.
 *
 * The terminal event is held back so that the caller can settle before the client sees the end:
 * feed bytes with `push`, write what it returns; once `terminal` is true, settle, then write `release()`
 * and go on feeding; when the upstream has closed, write `finish()`.
 */
export interface StreamReader {
  /**
   * Takes upstream bytes, whole events or not, and returns what the client may have now, in order, as views of the input where
   * possible. Throws GatewayError `upstream_invalid_response` when one event is larger than the bound.
   */
  push (chunk: Buffer): Buffer[]
  /** The terminal event (`[DONE]`; `response.completed|incomplete|failed`; `error`) has been read. A client that leaves now has lost nothing. */
  readonly terminal: boolean
  /** The held terminal event and what came after it. Empty before it, and on a second call until more has come. */
  release (): Buffer[]
  /**
   * The upstream closed cleanly. Returns the last bytes to write (a missing `[DONE]`, say), or null when the stream
   * stopped before its end: then the client must be told with `failure`.
   */
  finish (): Buffer[] | null
  /** The error event that every SDK raises, in this endpoint's shape (openai-python, openai-node, AI SDK: both `event: error` and nested body). */
  failure (error: GatewayError): Buffer
  /** The last non-null usage seen, wherever it came. */
  readonly usage: Usage | null
  /** The upstream said itself, inside the stream, that the answer failed (`{"error":…}`, `response.failed`). */
  readonly failed: boolean
  /** Bytes of generated text seen so far (content, arguments, reasoning): what a partial answer is billed by. */
  readonly outputBytes: number
  /** The id of the answer (`chatcmpl-…`, `resp_…`), from the first event that carries one. */
  readonly id: string | null
}
