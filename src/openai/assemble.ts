import { ChatBuilder } from './assemble-chat.ts'
import { ResponseBuilder } from './assemble-response.ts'
import type { Endpoint } from './call.ts'
import { readFields } from './event-fields.ts'
import type { Json } from './json.ts'
import { EventSplitter } from './sse.ts'
import type { RawEvent } from './sse.ts'

/** Builds an object from the data of its events, given one by one and in order. */
export interface ObjectBuilder {
  /** JSON text, or `[DONE]`. */
  add (data: string): void
  /** The object; null when an event could not be understood or is missing. */
  finish (): Json | null
}

/**
 * Builds the object that an endpoint would have answered with, had the stream not been a stream. It works as the bytes pass,
 * so that the end of a long stream finds nothing left to parse.
 *
 * Strings come out as they came in; a number keeps its value, not its spelling (`1.0` becomes `1`).
 */
export class Assembler {
  readonly #splitter: EventSplitter
  readonly #builder: ObjectBuilder
  #allowance: number

  /** A stream of more than `maxBytes` comes to nothing. */
  constructor (endpoint: Endpoint, maxBytes: number) {
    this.#builder = endpoint === 'responses' ? new ResponseBuilder() : new ChatBuilder()
    this.#splitter = new EventSplitter(maxBytes)
    this.#allowance = maxBytes
  }

  /** Takes upstream bytes, whole events or not. Never throws. */
  push (chunk: Buffer): void {
    this.#allowance -= chunk.length
    if (this.#allowance >= 0) this.#add(this.#splitter.push(chunk))
  }

  /** The upstream has closed. Null when the stream was too large, not understood, or never said how it ended. */
  finish (): Json | null {
    this.#add(this.#splitter.finish())
    return this.#allowance >= 0 ? this.#builder.finish() : null
  }

  #add (events: readonly RawEvent[]): void {
    for (const event of events) {
      const { data } = readFields(event, true)
      if (data !== null) this.#builder.add(Buffer.from(data, 'latin1').toString())
    }
  }
}
