import type { ObjectBuilder } from './assemble.ts'
import { textsAsMeant } from './event-reader.ts'
import type { ReadEvent } from './event-reader.ts'
import { objectOrNull } from './json.ts'
import type { Json } from './json.ts'
import { terminalTypes } from './responses-stream.ts'

/** The terminal event of a stream carries the whole response. */
export class ResponseBuilder implements ObjectBuilder {
  #response: Json | null = null
  #items = 0

  add (event: ReadEvent): void {
    // What is like an earlier event is one more delta. What cannot be read is missed at the end.
    if (event.is !== 'parsed') return
    if (event.json.type === 'response.output_item.done') this.#items++
    else if (terminalTypes.has(event.json.type)) this.#response = objectOrNull(textsAsMeant(event).response)
  }

  finish (): Json | null {
    const response = this.#response
    // Some servers leave the output out of the terminal event: such a response is not what was streamed.
    return response !== null && Array.isArray(response.output) && response.output.length === this.#items ? response : null
  }
}
