import type { IncomingHttpHeaders } from 'node:http'
import { GatewayError } from '../openai/errors.ts'

/** Where a collected JSON answer goes. */
export interface JsonAnswerListener {
  onBody (body: Buffer): void
  onBadBody (error: GatewayError): void
}

const openBrace = 0x7b
const openBracket = 0x5b
const closeBrace = 0x7d
const closeBracket = 0x5d

/** An answer that carries an error although its status says success. */
const errorBody = /^\s*\{\s*"error"\s*:\s*[{"]/

/**
 * Collects a JSON answer, bounded, and vouches for its completeness. It is held until it is whole: a truncated body must become an
 * error, and the status line cannot be taken back.
 */
export class JsonAnswer {
  readonly #chunks: Buffer[] = []
  readonly #maxBytes: number
  readonly #listener: JsonAnswerListener
  /** Neither length nor chunks: only the connection's end delimits the body, and a cut looks the same (RFC 9112 §8). */
  readonly #closeDelimited: boolean
  #bytes = 0

  constructor (headers: IncomingHttpHeaders, maxBytes: number, listener: JsonAnswerListener) {
    this.#maxBytes = maxBytes
    this.#listener = listener
    this.#closeDelimited = headers['content-length'] === undefined && headers['transfer-encoding'] === undefined
  }

  /** @returns false when the answer is larger than the bound: stop reading */
  push (chunk: Buffer): boolean {
    this.#bytes += chunk.length
    if (this.#bytes > this.#maxBytes) return false
    this.#chunks.push(chunk)
    return true
  }

  end (): void {
    const body = this.#chunks.length === 1 ? this.#chunks[0] as Buffer : Buffer.concat(this.#chunks)
    if (!looksWhole(body) || (this.#closeDelimited && !parses(body))) {
      this.#listener.onBadBody(new GatewayError('upstream_invalid_response'))
    } else if (errorBody.test(body.toString('latin1', 0, 64))) {
      this.#listener.onBadBody(new GatewayError('upstream_error'))
    } else {
      this.#listener.onBody(body)
    }
  }
}

/** An object or array from its first to its last byte. Bodies with a length or in chunks came whole, so that this finds only what is not JSON at all. */
function looksWhole (body: Buffer): boolean {
  let start = 0
  let end = body.length - 1
  while (isSpace(body[start])) start++
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
