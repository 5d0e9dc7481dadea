import type { Endpoint } from './call.ts'
import { ChatStreamReader } from './chat-stream.ts'
import type { GatewayError } from './errors.ts'
import type { ReadEvent } from './event-reader.ts'
import { ResponsesStreamReader } from './responses-stream.ts'
import type { Usage } from './usage.ts'

export interface StreamOptions {
  /** The caller asked for the usage chunk itself. */
  readonly includeUsage: boolean
  /** Largest single event, bytes. */
  readonly maxEventBytes: number
  /** `n`: how many choices must finish before the stream may end without `[DONE]`. 1 when absent. */
  readonly choices?: number
  /** Takes the keys out of what the upstream says of a failure. It gives back the very same Buffer where there are none. */
  readonly withoutKeys?: (said: Buffer) => Buffer
  /** Told of every event that is read, in order, so that nobody else has to read the stream again. */
  readonly onEvent?: ((event: ReadEvent) => void) | null
}

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
   * possible. Never throws: an event that is not JSON, or larger than the bound, ends the stream like an error of the upstream.
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
  /** The answer failed: the upstream said so inside the stream (`{"error":…}`, `response.failed`), or sent what is not an event. */
  readonly failed: boolean
  /** Why it failed, as the client is told; null as long as it did not. */
  readonly error: GatewayError | null
  /** Bytes of generated text seen so far (content, arguments, reasoning): what a partial answer is billed by. */
  readonly outputBytes: number
  /** The id of the answer (`chatcmpl-…`, `resp_…`), from the first event that carries one. */
  readonly id: string | null
}

/** A reader for one stream of this endpoint. Embeddings have no streams; what comes as one is read like a chat completion. */
export function createStreamReader (endpoint: Endpoint, options: StreamOptions): StreamReader {
  return endpoint === 'responses' ? new ResponsesStreamReader(options) : new ChatStreamReader(options)
}
