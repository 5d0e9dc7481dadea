import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { deliveryOf, gzipped, joined, type Delivery, type Part } from './delivery.ts'
import { commonHeaders, guarded, type Exchange } from './exchange.ts'
import { priceHeaders, type Counts } from './usage.ts'

/** What an endpoint answers, before anything happens to it on the way. */
export interface Answer {
  readonly counts: Counts
  /** How many words' time a JSON answer takes; 0 for one that is not generated, or not yet. */
  readonly words: number
  readonly json: () => object
  /** Null where the caller did not ask for a stream. */
  readonly stream: {
    readonly events: () => Iterable<Part>
    /** The event that reports a failure, after so many others. */
    readonly failure: (after: number) => Part
  } | null
}

/** Parts that are written in one turn of the event loop: enough to be fast, few enough to leave others their turn. */
const partsATurn = 64

/** Sends an answer in the way the magic wants it. */
export function deliver (exchange: Exchange, answer: Answer): void {
  const { magic, record, demo } = exchange
  record.promptTokens = answer.counts.input
  record.completionTokens = answer.counts.output
  const delivery = deliveryOf(magic)
  const wordMs = delivery.wordMs ?? demo.wordDelayMs
  const startAfterMs = delivery.startAfterMs + (answer.stream === null ? wordMs * answer.words : 0)
  const start = (): void => answer.stream === null
    ? deliverJson(exchange, answer, delivery)
    : deliverEvents(exchange, answer.stream, delivery, wordMs)
  if (delivery.earlyHints) exchange.response.writeEarlyHints({ link: '</demo>; rel=preload' })
  if (startAfterMs === 0) start()
  else afterPause(exchange.response, startAfterMs, () => guarded(exchange, start))
}

function deliverJson (exchange: Exchange, answer: Answer, delivery: Delivery): void {
  const json = JSON.stringify(answer.json())
  const plain: Part = { data: json, output: answer.counts.output * 4 }
  const whole = delivery.gzip ? gzipped([plain]) : plain
  const headers: OutgoingHttpHeaders = {
    ...headersOf(exchange, delivery),
    'content-type': 'application/json; charset=utf-8',
    ...priceHeaders(exchange.magic, answer.counts)
  }
  if (delivery.reshapeJson === null) {
    writeHead(exchange.response, { ...headers, 'content-length': Buffer.byteLength(whole.data) }, delivery)
    writeAtOnce(exchange, whole)
  } else {
    writeHead(exchange.response, headers, delivery)
    writeByParts(exchange, delivery, 0, delivery.reshapeJson([whole]))
  }
}

function deliverEvents (exchange: Exchange, stream: NonNullable<Answer['stream']>, delivery: Delivery, wordMs: number): void {
  const headers = {
    ...headersOf(exchange, delivery),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no'
  }
  const events = stream.events()
  writeHead(exchange.response, headers, delivery)
  if (delivery.gzip) writeAtOnce(exchange, gzipped(events))
  else if (wordMs === 0 && delivery.reshapeStream === null) writeAtOnce(exchange, joined(events))
  else writeByParts(exchange, delivery, wordMs, delivery.reshapeStream?.(events, stream.failure) ?? events)
}

function headersOf (exchange: Exchange, delivery: Delivery): OutgoingHttpHeaders {
  return { ...commonHeaders(exchange), ...delivery.headers }
}

function writeHead (response: ServerResponse, headers: OutgoingHttpHeaders, delivery: Delivery): void {
  // Node delimits a body without length by the end of the connection, once chunked encoding is taken away.
  if (delivery.ending === 'close') response.removeHeader('transfer-encoding')
  response.writeHead(delivery.status, headers)
}

/** The whole answer in one write: what makes the demo cheap under load. */
function writeAtOnce (exchange: Exchange, whole: Part): void {
  exchange.record.emittedBytes += whole.output
  exchange.response.end(whole.data)
}

function writeByParts (exchange: Exchange, delivery: Delivery, wordMs: number, parts: Iterable<Part>): void {
  exchange.response.flushHeaders()
  new Outlet(exchange, delivery, wordMs, parts).write()
}

/** Writes parts one by one, at the reader's pace and no faster than one word in `wordMs`. */
class Outlet {
  readonly #exchange: Exchange
  readonly #delivery: Delivery
  readonly #wordMs: number
  readonly #parts: Iterator<Part>
  readonly #write = (): void => guarded(this.#exchange, () => this.write())

  constructor (exchange: Exchange, delivery: Delivery, wordMs: number, parts: Iterable<Part>) {
    this.#exchange = exchange
    this.#delivery = delivery
    this.#wordMs = wordMs
    this.#parts = parts[Symbol.iterator]()
  }

  write (): void {
    const { response, record } = this.#exchange
    for (let i = 0; i < partsATurn; i++) {
      if (response.destroyed) return
      const next = this.#parts.next()
      if (next.done === true) return this.#end()
      record.emittedBytes += next.value.output
      if (!response.write(next.value.data)) return onceDrained(response, this.#write)
      if (next.value.output > 0 && this.#wordMs > 0) return afterPause(response, this.#wordMs, this.#write)
    }
    setImmediate(this.#write)
  }

  #end (): void {
    const { response, record } = this.#exchange
    const { ending } = this.#delivery
    if (ending === 'hang') return
    if (ending !== 'end') record.ending = 'cut'
    if (ending === 'destroy') afterFlush(response, () => response.socket?.destroy())
    else if (ending === 'reset') afterFlush(response, () => response.socket?.resetAndDestroy())
    else response.end()
  }
}

/** Goes on later, unless the caller has left. */
function afterPause (response: ServerResponse, ms: number, go: () => void): void {
  const timer = setTimeout(() => {
    response.off('close', cancel)
    go()
  }, ms)
  const cancel = (): void => clearTimeout(timer)
  response.once('close', cancel)
}

function onceDrained (response: ServerResponse, go: () => void): void {
  response.once('drain', go)
}

/** Goes on when what was written has been handed to the kernel: a socket that is destroyed earlier would swallow it. */
function afterFlush (response: ServerResponse, go: () => void): void {
  response.write('', () => go())
}
