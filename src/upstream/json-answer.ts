import type { IncomingHttpHeaders } from 'node:http'
import { GatewayError } from '../openai/errors.ts'
import type { AnswerSink } from './delivery.ts'

/** Where a collected JSON answer goes. One of the two is called, once. */
export interface JsonAnswerListener {
  onBody (body: Buffer, headers: IncomingHttpHeaders): void
  /** It is broken, too large or no JSON: no more of it needs to be read. */
  onBadAnswer (error: GatewayError): void
}

const openBrace = 0x7b
const openBracket = 0x5b
const closeBrace = 0x7d
const closeBracket = 0x5d

/** An answer that carries an error although its status says success. */
const errorBody = /^\{\s*"error"\s*:\s*[{"]/
/** So much of a body shows whether it is one. */
const errorBytes = 64

/**
 * Collects a JSON answer, bounded, and vouches for its completeness. It is held until it is whole: a truncated body must become an
 * error, and the status line cannot be taken back.
 */
export class JsonAnswer implements AnswerSink {
  readonly #headers: IncomingHttpHeaders
  readonly #maxBytes: number
  readonly #listener: JsonAnswerListener
  readonly #chunks: Buffer[] = []
  #bytes = 0

  constructor (headers: IncomingHttpHeaders, maxBytes: number, listener: JsonAnswerListener) {
    this.#headers = headers
    this.#maxBytes = maxBytes
    this.#listener = listener
  }

  onData (chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes <= this.#maxBytes) this.#chunks.push(chunk)
    else this.#listener.onBadAnswer(new GatewayError('upstream_invalid_response'))
  }

  onEnd (): void {
    const body = this.#chunks.length === 1 ? this.#chunks[0] as Buffer : Buffer.concat(this.#chunks)
    const start = startOf(body)
    if (!looksWhole(body, start) || (isCloseDelimited(this.#headers) && !parses(body))) {
      this.#listener.onBadAnswer(new GatewayError('upstream_invalid_response'))
    } else if (errorBody.test(body.toString('latin1', start, start + errorBytes))) {
      this.#listener.onBadAnswer(new GatewayError('upstream_error'))
    } else {
      this.#listener.onBody(body, this.#headers)
    }
  }

  onBroken (error: GatewayError): void {
    this.#listener.onBadAnswer(error)
  }
}

/** Neither length nor chunks: only the connection's end delimits the body, and a cut looks the same (RFC 9112 §8). */
function isCloseDelimited (headers: IncomingHttpHeaders): boolean {
  return headers['content-length'] === undefined && headers['transfer-encoding'] === undefined
}

/** Past the whitespace with which some providers keep the connection alive while they work. */
function startOf (body: Buffer): number {
  let start = 0
  while (isSpace(body[start])) start++
  return start
}

/** An object or array from its first to its last byte. Bodies with a length or in chunks came whole, so that this finds only what is not JSON at all. */
function looksWhole (body: Buffer, start: number): boolean {
  let end = body.length - 1
  while (end > start && isSpace(body[end])) end--
  return (body[start] === openBrace && body[end] === closeBrace) || (body[start] === openBracket && body[end] === closeBracket)
}

function isSpace (byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function parses (body: Buffer): boolean {
  try {
    JSON.parse(body.toString())
    return true
  } catch {
    return false
  }
}
