import type { GatewayError } from './errors.ts'
import { EventReader, decoded } from './event-reader.ts'
import type { Message } from './event-reader.ts'
import { textBytes } from './generated.ts'
import { objectOrEmpty } from './json.ts'
import type { Json } from './json.ts'
import type { RawEvent } from './sse.ts'
import type { StreamOptions } from './stream.ts'
import { errorOfEvent } from './upstream-error.ts'
import { readCost, readUsage } from './usage.ts'
import type { Usage } from './usage.ts'

/** Types of the events that end a stream of a response, each with the whole of it. */
export const terminalTypes: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete', 'response.failed'])

/**
 * Reads a stream of response events, of `POST /responses` or `GET /responses/{id}?stream=true`. Its end is `response.completed`,
 * `response.incomplete`, `response.failed` or an error; `[DONE]` passes where the upstream sends one after it, and never before.
 */
export class ResponsesStreamReader extends EventReader {
  #usage: Usage | null = null

  constructor (options: StreamOptions) {
    super(options, true)
  }

  get usage (): Usage | null {
    return this.#usage
  }

  /** Flat, as OpenAI publishes the event, and nested, as its own servers send it: some SDKs raise only on the one, some on the other. */
  failure (error: GatewayError): Buffer {
    const body = error.toBody().error
    const { type, ...flat } = body
    const event = { type: 'error', sequence_number: this.sequence + 1, ...flat, error: { ...flat, type } }
    return Buffer.from(`event: error\ndata: ${JSON.stringify(event)}\n\n`)
  }

  protected message (message: Message): void {
    const { json, event, name } = message
    if (this.terminal) return
    const type = json.type ?? name
    if (isFailure(type, json)) {
      this.fail(errorOfEvent(decoded(this.presentable(message))))
      return
    }
    if (Number.isSafeInteger(json.sequence_number)) this.sequence = Number(json.sequence_number)
    const response = objectOrEmpty(json.response)
    if (this.id === null && typeof response.id === 'string') this.id = response.id
    if (terminalTypes.has(type)) this.#end(type, response, message)
    else if (isText(type, json)) this.#passText(json, event)
    else this.pass(event)
  }

  protected done (event: RawEvent): void {
    if (!this.terminal) return
    this.pass(event)
    this.close()
  }

  protected closing (): null {
    return null
  }

  #end (type: unknown, response: Json, message: Message): void {
    this.#usage = readUsage('responses', response.usage, readCost(response.meta) ?? readCost(message.json.meta))
    if (type === 'response.failed') this.#endFailed(this.presentable(message))
    else this.end(message.event)
  }

  #endFailed (message: Message): void {
    this.note(errorOfEvent(objectOrEmpty(decoded(message).response)))
    this.end(message.event)
  }

  #passText (json: Json, event: RawEvent): void {
    this.outputBytes += textBytes(json.delta)
    this.passText(event)
  }
}

/** A failure in any shape but `response.failed`, which SDKs understand as it is. */
function isFailure (type: unknown, { error, message }: Json): boolean {
  if (type === 'error') return true
  return (type === null || type === undefined) && (Boolean(error) || typeof message === 'string')
}

/** Audio comes as base64 under the same member, and is no text. */
function isText (type: unknown, { delta }: Json): boolean {
  return typeof delta === 'string' && type !== 'response.audio.delta'
}
