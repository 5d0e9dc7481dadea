import { ChatBuilder } from './assemble-chat.ts'
import { ResponseBuilder } from './assemble-response.ts'
import type { Endpoint } from './call.ts'
import type { ReadEvent } from './event-reader.ts'
import type { Json } from './json.ts'

/** Builds an object from the events of its stream, given one by one and in order. */
export interface ObjectBuilder {
  add (event: ReadEvent): void
  /** The object; null when an event could not be understood or is missing. */
  finish (): Json | null
}

/**
 * Builds the object that an endpoint would have answered with, had the stream not been a stream. It works as the events pass,
 * and from what the stream's reader has found in them, so that nothing is parsed twice and the end of a long stream finds nothing
 * left to parse.
 *
 * Strings come out as they came in; a number keeps its value, not its spelling (`1.0` becomes `1`).
 */
export class Assembler {
  readonly #builder: ObjectBuilder
  #allowance: number

  /** A stream whose events have more than `maxBytes` comes to nothing. */
  constructor (endpoint: Endpoint, maxBytes: number) {
    this.#builder = endpoint === 'responses' ? new ResponseBuilder() : new ChatBuilder()
    this.#allowance = maxBytes
  }

  /** Takes what the reader of the stream read. Never throws. */
  add (event: ReadEvent): void {
    this.#allowance -= bytesOf(event)
    if (this.#allowance >= 0) this.#builder.add(event)
  }

  /** The stream is over. Null when it was too large, not understood, or never said how it ended. */
  finish (): Json | null {
    return this.#allowance >= 0 ? this.#builder.finish() : null
  }
}

function bytesOf (event: ReadEvent): number {
  switch (event.is) {
    case 'parsed': return event.data.length
    case 'alike': return event.event.end - event.event.start
    case 'unreadable': return 0
  }
}
