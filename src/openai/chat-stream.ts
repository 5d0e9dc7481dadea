import type { GatewayError } from './errors.ts'
import { EventReader, decoded, wholeEvent } from './event-reader.ts'
import type { Message } from './event-reader.ts'
import { deltaBytes } from './generated.ts'
import { objectOrEmpty, objectsIn } from './json.ts'
import type { Json } from './json.ts'
import type { RawEvent } from './sse.ts'
import type { StreamOptions } from './stream.ts'
import { errorOfEvent } from './upstream-error.ts'
import { readCost, readUsage } from './usage.ts'
import type { Usage } from './usage.ts'

const DONE = Buffer.from('data: [DONE]\n\n')

/**
 * Reads a stream of chat completion chunks. It leaves out the chunk that only carries usage when the caller did not ask for
 * it, ends every answer with exactly one `[DONE]` (AIMLAPI may send none), and otherwise passes the upstream's bytes.
 *
 * Usage is taken wherever it comes: alone, on the finishing chunk, on every chunk, or as AIMLAPI's `meta.usage`.
 */
export class ChatStreamReader extends EventReader {
  readonly #includeUsage: boolean
  readonly #choices: number
  readonly #finished = new Set<unknown>()
  #usage: Usage | null = null
  #costNanoUsd: number | null = null

  constructor (options: StreamOptions) {
    super(options, false)
    this.#includeUsage = options.includeUsage
    this.#choices = options.choices ?? 1
  }

  get usage (): Usage | null {
    return this.#usage === null ? null : { ...this.#usage, costNanoUsd: this.#costNanoUsd }
  }

  failure (error: GatewayError): Buffer {
    return Buffer.from(`data: ${JSON.stringify(error.toBody())}\n\n`)
  }

  protected message (message: Message): void {
    const { json, event } = message
    if (message.name === 'error' || isFailure(json)) {
      this.fail(errorOfEvent(decoded(this.presentable(message))))
      return
    }
    if (this.id === null && typeof json.id === 'string' && json.id !== '') this.id = json.id
    this.#account(json)
    const choices = objectsIn(json.choices)
    for (const choice of choices) this.#follow(choice)
    if (isOnlyText(json, choices)) this.passText(event)
    else if (choices.length > 0) this.pass(event)
    else this.#passWithoutChoices(message)
  }

  protected done (event: RawEvent): void {
    this.end(event)
    this.close()
  }

  protected closing (): Buffer | null {
    return this.#finished.size >= this.#choices ? DONE : null
  }

  #account ({ usage, meta }: Json): void {
    this.#usage = readUsage('chat.completions', usage, null) ?? this.#usage
    this.#costNanoUsd = readCost(meta) ?? this.#costNanoUsd
  }

  #follow (choice: Json): void {
    this.outputBytes += deltaBytes(objectOrEmpty(choice.delta))
    if (isGiven(choice.finish_reason)) this.#finished.add(choice.index ?? 0)
  }

  #passWithoutChoices (message: Message): void {
    const { json, event } = message
    const isAccount = isGiven(json.usage) || isGiven(json.meta)
    if (isAccount && !this.#includeUsage) return
    if (Array.isArray(json.choices)) this.pass(event)
    // SDKs iterate over `choices` unasked.
    else this.pass(wholeEvent(Buffer.from(`data: ${JSON.stringify({ ...decoded(message), choices: [] })}\n\n`)))
  }
}

/** OpenAI's `{"error":…}`, AIMLAPI's `{"message","statusCode"}`, or a flat `{"type":"error","message"}`. */
function isFailure ({ error, type, message, choices }: Json): boolean {
  return Boolean(error) || (choices === undefined && (type === 'error' || typeof message === 'string'))
}

function isOnlyText (json: Json, choices: readonly Json[]): boolean {
  return choices.length > 0 && !isGiven(json.usage) && !isGiven(json.meta) && !choices.some(choice => isGiven(choice.finish_reason))
}

function isGiven (value: unknown): boolean {
  return value !== undefined && value !== null
}
