import { isUtf8 } from 'node:buffer'
import { GatewayError } from './errors.ts'
import { Scanner } from './scanner.ts'

/** How much a request body may ask of the scanner. */
export interface ScanBounds {
  /** Deepest nesting of objects and arrays. */
  readonly maxDepth: number
  /** Most values and keys in the whole body. */
  readonly maxTokens: number
}

export type ValueKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

/** One top-level member. Offsets are bytes into the body; `start` is the value's first byte, `end` is one past its last. */
export interface Member {
  readonly key: string
  readonly keyStart: number
  readonly start: number
  readonly end: number
  readonly kind: ValueKind
}

/** A JSON object whose members are known: the whole body, or an object in it. */
export interface ScannedObject {
  readonly body: Buffer
  /** What its members' names are prefixed with in messages: empty at the top, `stream_options.` below that. */
  readonly path: string
  /** The body as latin1, so that an index into it is a byte offset. */
  readonly text: string
  /** In the order of the body. Keys are decoded; each is there once. */
  readonly members: ReadonlyMap<string, Member>
  /** Offset of the closing brace. */
  readonly closing: number
}

const BYTE_ORDER_MARK = '\xef\xbb\xbf'

/**
 * Reads a request body once, without recursion and without building its values. Everything outside strings is checked as
 * strictly as by `JSON.parse`. The contents of strings are not (raw control characters and unknown escapes pass, as the upstream
 * will judge them): that is what makes a long prompt cost no more than a search for its closing quote. A leading byte order mark
 * counts as whitespace.
 *
 * Throws GatewayError `invalid_utf8`, `invalid_json` (with the offset of the byte), `invalid_type` when the body is not an
 * object, `json_too_deep`, `json_too_complex`, and `duplicate_key` when a top-level key is there twice however it is spelled:
 * parsers differ in which of the two they take.
 */
export function scan (body: Buffer, bounds: ScanBounds): ScannedObject {
  if (!isUtf8(body)) throw new GatewayError('invalid_utf8')
  const text = body.toString('latin1')
  const scanner = new Scanner(text, text.startsWith(BYTE_ORDER_MARK) ? 3 : 0, bounds)
  if (text[scanner.next()] !== '{') throw refusal(scanner)
  const members = scanner.members()
  const closing = scanner.position - 1
  scanner.end()
  return { body, path: '', text, members, closing }
}

function refusal (scanner: Scanner): GatewayError {
  scanner.value()
  scanner.end()
  return new GatewayError('invalid_type', { message: 'The request body must be a JSON object.' })
}
