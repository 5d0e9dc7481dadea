import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Endpoint } from '../openai/call.ts'
import type { GatewayError } from '../openai/errors.ts'
import type { ReadEvent } from '../openai/event-reader.ts'
import type { JsonBody } from '../openai/json-body.ts'
import type { Usage } from '../openai/usage.ts'
import type { DeliveryRequest } from './delivery.ts'

/** How an exchange ended. Durations in ms of a monotonic clock. */
export interface Outcome {
  /**
   * `complete`: the client has, or could have had, the whole answer; `failed`: it was told of an error;
   * `cancelled`: it left before the end.
   */
  readonly result: 'complete' | 'failed' | 'cancelled'
  /** Null unless failed. */
  readonly error: GatewayError | null
  /** The upstream that answered or failed last, and the model id it was asked for (null: the caller's own). */
  readonly upstream: string
  readonly upstreamModel: string | null
  /** The provider's own numbers, or null when it gave none. */
  readonly usage: Usage | null
  /** Bytes of generated text that came, for answers without usage. */
  readonly outputBytes: number
  /** The provider's id of the answer. */
  readonly answerId: string | null
  /** Something may have been billed. */
  readonly dispatched: boolean
  /** Requests written to upstreams. */
  readonly attempts: number
  /** From the start to the first byte of the answer; null when none came. */
  readonly firstByteMs: number | null
  /** From the start to the first generated text of a stream; null when none came, or the answer was no stream. */
  readonly firstTokenMs: number | null
  /** From the start to the end of the upstream's answer. */
  readonly upstreamMs: number
}

/** Sees an answer go by. Added by links of the chain; called in the order they were added. */
export interface Tap {
  /** The exchange begins. Headers for the upstream may be added or replaced: name, value, name, value. */
  onStart? (headers: string[]): void
  /** A 2xx answer of the named upstream begins. */
  onAnswer? (kind: 'json' | 'stream', upstream: string): void
  /** A complete JSON body, before any byte of it goes to the client. */
  onBody? (body: JsonBody): void
  /** Stream bytes as the upstream sent them, in order, those of one turn of the event loop in one piece; and the bytes of generated text before them. */
  onChunk? (chunk: Buffer, outputBytes: number): void
  /** An event of the stream, as its reader understood it. */
  onEvent? (event: ReadEvent): void
  /** The end. A promise is waited for before the client's last byte; it must settle within its own deadline and never reject. */
  onEnd (outcome: Outcome): void | Promise<unknown>
}

/** The client's side of an exchange. */
export interface ExchangeClient {
  readonly raw: ServerResponse
  /** Takes the response over: from here on only the relay writes to it. Returns the headers to answer with, flat: name, value, name, value. */
  takeOver (upstreamHeaders: IncomingHttpHeaders): string[]
  /** Nothing has been written, and this is why. */
  fail (error: GatewayError): void
}

/** One client request on its way through an upstream and back. */
export interface Exchange {
  readonly request: DeliveryRequest
  /** Null for routes that generate nothing (`DELETE /responses/{id}`). */
  readonly endpoint: Endpoint | null
  /** The caller asked for a stream. */
  readonly stream: boolean
  /** The caller asked for the usage chunk. */
  readonly includeUsage: boolean
  /** Number of choices that a complete chat answer has. */
  readonly choices: number
  readonly taps: readonly Tap[]
  readonly client: ExchangeClient
}

/** Bounds of every exchange. Times in ms, sizes in bytes. */
export interface RelaySettings {
  /** From the request to the last byte of the answer. */
  readonly totalTimeout: number
  /** A client that takes no bytes for so long is cut off. */
  readonly writeStallTimeout: number
  /** Silence after which a stream gets a comment line. */
  readonly keepAliveInterval: number
  /** Largest single stream event. */
  readonly maxEventBytes: number
  /** Largest JSON answer. */
  readonly maxBodyBytes: number
  /** A client that leaves: stop the upstream, or read on for exact usage, at most `drainTimeout`. */
  readonly onAbort: 'cancel' | 'drain'
  readonly drainTimeout: number
}
