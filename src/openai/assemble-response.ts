import type { ObjectBuilder } from './assemble.ts'
import { isObject, parseObject } from './json.ts'
import type { Json } from './json.ts'

/** In an event's JSON, a quote that no backslash precedes is no part of a text: these can only be the event's type. */
const terminalTypes = ['"response.completed"', '"response.incomplete"', '"response.failed"']
const itemDone = '"response.output_item.done"'

/** The terminal event of a stream carries the whole response. */
export class ResponseBuilder implements ObjectBuilder {
  #response: Json | null = null
  #items = 0

  add (data: string): void {
    if (data.includes(itemDone)) this.#items++
    else if (terminalTypes.some(type => data.includes(type))) this.#response = responseIn(data)
  }

  finish (): Json | null {
    const response = this.#response
    // Some servers leave the output out of the terminal event: such a response is not what was streamed.
    return response !== null && Array.isArray(response.output) && response.output.length === this.#items ? response : null
  }
}

function responseIn (data: string): Json | null {
  const response = parseObject(data)?.response
  return isObject(response) ? response : null
}
