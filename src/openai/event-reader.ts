import { ByteRuns } from './byte-runs.ts'
import { GatewayError } from './errors.ts'
import { readFields } from './event-fields.ts'
import { parseObject } from './json.ts'
import type { Json } from './json.ts'
import { EventSplitter } from './sse.ts'
import type { RawEvent } from './sse.ts'
import type { StreamOptions, StreamReader } from './stream.ts'
import { EventTemplate } from './template.ts'
import type { Variation } from './template.ts'
import type { Usage } from './usage.ts'

/** After as many templates in a row that fit no other event (with log probabilities, say), no more are made. */
const MAX_UNMATCHED = 4

/** One event that carries JSON. */
export interface Message {
  /** Parsed from latin1: good for everything but showing its texts. `decoded` is for that. */
  readonly json: Json
  readonly data: string
  readonly name: string | null
  /** What the client may have of the event. */
  readonly event: RawEvent
}

/** One event, as the reader of the stream understood it. `[DONE]` and events without data are none. */
export type ReadEvent = ParsedEvent | AlikeEvent | UnreadableEvent

export interface ParsedEvent extends Pick<Message, 'json' | 'data'> {
  readonly is: 'parsed'
  /** The template that was made of the event; null when none was. */
  readonly template: EventTemplate | null
}

/** As valid as the event that the template was made of, and like it in all but the variable values. */
export interface AlikeEvent {
  readonly is: 'alike'
  readonly event: RawEvent
  readonly template: EventTemplate
  readonly variation: Variation
}

/** Not JSON, or cut short. */
export interface UnreadableEvent {
  readonly is: 'unreadable'
}

/**
 * What the readers of all endpoints have in common: cutting the stream into events, leaving out lines that crash SDKs, refusing what is
 * not JSON, holding back the end. An endpoint says what its messages mean (`message`, `done`) by calling `pass`, `end`, `fail` or nothing.
 *
 * Every event is either valid JSON, parsed, or equal to a parsed one in all but its text (`EventTemplate`). UTF-8 is not checked.
 */
export abstract class EventReader implements StreamReader {
  readonly #splitter: EventSplitter
  readonly #named: boolean
  readonly #withoutKeys: (said: Buffer) => Buffer
  readonly #onEvent: ((event: ReadEvent) => void) | null
  readonly #passed = new ByteRuns()
  readonly #held = new ByteRuns()
  #template: EventTemplate | null = null
  #unmatched = 0
  #terminal = false
  #closed = false
  #ending = false
  #error: GatewayError | null = null
  /** The last `sequence_number`; -1 before the first. */
  protected sequence = -1
  outputBytes = 0
  id: string | null = null

  /** `named`: events may carry an `event:` line. */
  constructor ({ maxEventBytes, withoutKeys = said => said, onEvent = null }: StreamOptions, named: boolean) {
    this.#splitter = new EventSplitter(maxEventBytes)
    this.#named = named
    this.#withoutKeys = withoutKeys
    this.#onEvent = onEvent
  }

  abstract readonly usage: Usage | null
  abstract failure (error: GatewayError): Buffer
  protected abstract message (message: Message): void
  protected abstract done (event: RawEvent): void
  /** What the upstream should have sent before it closed; null when the answer itself is not complete. */
  protected abstract closing (): Buffer | null

  get terminal (): boolean {
    return this.#terminal
  }

  get failed (): boolean {
    return this.#error !== null
  }

  get error (): GatewayError | null {
    return this.#error
  }

  push (chunk: Buffer): Buffer[] {
    for (const event of this.#splitter.push(chunk)) this.#read(event)
    if (this.#splitter.overflowing) this.fail(new GatewayError('upstream_invalid_response'))
    return this.#passed.take()
  }

  release (): Buffer[] {
    return this.#held.take()
  }

  finish (): Buffer[] | null {
    this.#ending = true
    for (const event of this.#splitter.finish()) this.#read(event)
    if (!this.#terminal) {
      const closing = this.closing()
      if (closing === null) return null
      this.end(wholeEvent(closing))
    }
    return [...this.#passed.take(), ...this.#held.take()]
  }

  protected pass (event: RawEvent): void {
    (this.#terminal ? this.#held : this.#passed).add(event)
  }

  /** Passes a message that carried nothing but text: those that only differ in their text need no parsing. */
  protected passText (event: RawEvent): void {
    if (this.#unmatched++ < MAX_UNMATCHED) this.#template = new EventTemplate(event)
    this.pass(event)
  }

  /** Holds the terminal event back. */
  protected end (event: RawEvent): void {
    this.#terminal = true
    this.pass(event)
  }

  /** A message that says why the answer failed, as the client may see it. */
  protected presentable (message: Message): Message {
    const { data, event } = message
    const said = Buffer.from(data, 'latin1')
    const rest = this.#withoutKeys(said)
    if (rest === said) return message
    return { ...message, data: rest.toString('latin1'), event: wholeEvent(this.#withoutKeys(event.block.subarray(event.start, event.end))) }
  }

  /** Nothing that comes from now on reaches the client. */
  protected close (): void {
    this.#closed = true
  }

  /** The answer failed, and the upstream's own event, passed or held by the caller, says so. */
  protected note (error: GatewayError): void {
    this.#error ??= error
  }

  /** The answer failed: the error event is its end. */
  protected fail (error: GatewayError): void {
    if (!this.#terminal) {
      this.note(error)
      this.end(wholeEvent(this.failure(error)))
    }
    this.close()
  }

  #read (event: RawEvent): void {
    if (this.#closed) return
    const template = this.#terminal ? null : this.#template
    const variation = template?.match(event) ?? null
    if (template === null || variation === null) {
      this.#parse(event)
      return
    }
    this.#unmatched = 0
    this.outputBytes += variation.textBytes
    this.sequence = variation.sequence ?? this.sequence
    this.pass(event)
    this.#onEvent?.({ is: 'alike', event, template, variation })
  }

  #parse (event: RawEvent): void {
    const { data, name, cleaned } = readFields(event, this.#named)
    const passing = cleaned === null ? event : wholeEvent(cleaned)
    if (data === null) {
      this.pass(passing)
      return
    }
    if (data.startsWith('[DONE]')) {
      this.done(passing)
      return
    }
    const json = parseObject(data)
    if (json === null) {
      this.#unreadable()
      return
    }
    const before = this.#template
    this.message({ json, data, name, event: passing })
    this.#onEvent?.({ is: 'parsed', json, data, template: this.#template === before ? null : this.#template })
  }

  /** An event that the end of the stream cut short is left out; whether the answer is complete without it, `closing` knows. */
  #unreadable (): void {
    if (!this.#ending) this.fail(new GatewayError('upstream_invalid_response'))
    this.#onEvent?.({ is: 'unreadable' })
  }
}

/** A read event's JSON with its texts as they are meant. It may be the reader's own object: the reader is done with it. */
export function textsAsMeant (event: ParsedEvent | AlikeEvent): Json {
  if (event.is === 'parsed') return isAscii(event.data) ? event.json : decoded(event)
  return decoded({ data: readFields(event.event, true).data ?? '' })
}

/** A twentieth of what a regular expression takes. */
function isAscii (text: string): boolean {
  return Buffer.byteLength(text) === text.length
}

/** The message's JSON with its texts as they are meant. */
export function decoded ({ data }: Pick<Message, 'data'>): Json {
  return parseObject(Buffer.from(data, 'latin1').toString()) ?? {}
}

export function wholeEvent (block: Buffer): RawEvent {
  return { block, text: block.toString('latin1'), start: 0, end: block.length }
}
