import { GatewayError } from './errors.ts'
import { parameterFault } from './parameter-fault.ts'
import type { Member, ScanBounds, ValueKind } from './scan.ts'

const TAB = 0x09
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BRACKET_OPEN = 0x5b
const BACKSLASH = 0x5c
const BRACKET_CLOSE = 0x5d
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

const literals = new Map<number, { readonly word: string, readonly kind: ValueKind }>([
  [0x74, { word: 'true', kind: 'boolean' }],
  [0x66, { word: 'false', kind: 'boolean' }],
  [0x6e, { word: 'null', kind: 'null' }]
])

/**
 * A cursor over JSON held as latin1 text, so that an index is a byte offset. It is strict about everything outside strings
 * and never recurses. What stands inside strings (raw control characters, unknown escapes) is left to the receiver to judge,
 * except in the keys that `members` decodes.
 *
 * Throws GatewayError `invalid_json`, `json_too_deep`, `json_too_complex`, `duplicate_key`.
 */
export class Scanner {
  readonly #text: string
  readonly #bounds: ScanBounds
  /** The closing brackets still owed, innermost last. */
  readonly #owed: number[] = []
  #at: number
  #tokens = 0

  constructor (text: string, at: number, bounds: ScanBounds) {
    this.#text = text
    this.#at = at
    this.#bounds = bounds
  }

  /** Offset of the cursor. */
  get position (): number {
    return this.#at
  }

  /** Offset of the next byte that is not whitespace. The cursor goes there. */
  next (): number {
    this.#peek()
    return this.#at
  }

  /** Refuses anything but whitespace from here to the end. */
  end (): void {
    if (this.next() < this.#text.length) throw this.#unexpected()
  }

  /** Reads the object that begins here and returns its members; the cursor stops past its closing brace. `path` is where it stands, for messages. */
  members (path = ''): Map<string, Member> {
    const members = new Map<string, Member>()
    this.#enter()
    if (this.#leave()) return members
    do {
      const member = this.#member()
      if (members.has(member.key)) throw parameterFault('duplicate_key', path + member.key, 'is there twice')
      members.set(member.key, member)
    } while (this.#passComma())
    if (!this.#leave()) throw this.#unexpected()
    return members
  }

  /** Passes over one value of any kind. */
  value (): ValueKind {
    const code = this.#peek()
    if (code !== BRACE_OPEN && code !== BRACKET_OPEN) return this.#scalar(code)
    this.#container()
    return code === BRACE_OPEN ? 'object' : 'array'
  }

  #member (): Member {
    const keyStart = this.next()
    this.#string()
    const key = this.#decodeKey(keyStart, this.#at)
    this.#colon()
    const start = this.next()
    const kind = this.value()
    return { key, keyStart, start, end: this.#at, kind }
  }

  #decodeKey (start: number, end: number): string {
    const inner = this.#text.slice(start + 1, end - 1)
    if (!/[^ -[\]-~]/.test(inner)) return inner
    try {
      return JSON.parse(Buffer.from(this.#text.slice(start, end), 'latin1').toString())
    } catch {
      throw this.#invalid(start)
    }
  }

  /** From an opening bracket to past its closing one. */
  #container (): void {
    const outer = this.#owed.length
    let fresh = this.#enter()
    for (;;) {
      if (!fresh || !this.#leave()) {
        if (this.#owed[this.#owed.length - 1] === BRACE_CLOSE) this.#key()
        fresh = this.#enter()
        if (fresh) continue
        this.#scalar(this.#peek())
      }
      while (this.#owed.length > outer && this.#leave());
      if (this.#owed.length === outer) return
      if (!this.#passComma()) throw this.#unexpected()
      fresh = false
    }
  }

  #enter (): boolean {
    const code = this.#peek()
    if (code !== BRACE_OPEN && code !== BRACKET_OPEN) return false
    this.#count()
    if (this.#owed.length === this.#bounds.maxDepth) throw new GatewayError('json_too_deep')
    this.#owed.push(code === BRACE_OPEN ? BRACE_CLOSE : BRACKET_CLOSE)
    this.#at++
    return true
  }

  #leave (): boolean {
    if (this.#peek() !== this.#owed[this.#owed.length - 1]) return false
    this.#owed.pop()
    this.#at++
    return true
  }

  #passComma (): boolean {
    if (this.#peek() !== COMMA) return false
    this.#at++
    return true
  }

  #key (): void {
    this.#string()
    this.#colon()
  }

  #colon (): void {
    if (this.#peek() !== COLON) throw this.#unexpected()
    this.#at++
  }

  /** @param code where the cursor is */
  #scalar (code: number): ValueKind {
    if (code === QUOTE) {
      this.#string()
      return 'string'
    }
    this.#count()
    const literal = literals.get(code)
    if (literal === undefined) {
      this.#number()
      return 'number'
    }
    if (!this.#text.startsWith(literal.word, this.#at)) throw this.#unexpected()
    this.#at += literal.word.length
    return literal.kind
  }

  #string (): void {
    if (this.#peek() !== QUOTE) throw this.#unexpected()
    this.#count()
    const end = stringEnd(this.#text, this.#at)
    if (end === -1) throw this.#invalid(this.#text.length)
    this.#at = end
  }

  #number (): void {
    NUMBER.lastIndex = this.#at
    if (!NUMBER.test(this.#text)) throw this.#unexpected()
    this.#at = NUMBER.lastIndex
  }

  #count (): void {
    if (++this.#tokens > this.#bounds.maxTokens) throw new GatewayError('json_too_complex')
  }

  #peek (): number {
    let code = this.#text.charCodeAt(this.#at)
    while (code === SPACE || code === LINE_FEED || code === CARRIAGE_RETURN || code === TAB) {
      code = this.#text.charCodeAt(++this.#at)
    }
    return code
  }

  #unexpected (): GatewayError {
    return this.#invalid(this.#at)
  }

  #invalid (at: number): GatewayError {
    const where = at >= this.#text.length ? 'it ends too early' : `unexpected byte at offset ${at}`
    return new GatewayError('invalid_json', { message: `The request body is not valid JSON: ${where}.` })
  }
}

/** One past the closing quote of the string whose opening quote is at `start`; -1 when it never closes. */
export function stringEnd (text: string, start: number): number {
  const from = start + 1
  let quote = text.indexOf('"', from)
  while (quote !== -1 && isEscaped(text, quote, from)) quote = text.indexOf('"', quote + 1)
  return quote === -1 ? -1 : quote + 1
}

/** Whether an odd number of backslashes stands before `at`, not looking further back than `from`. */
function isEscaped (text: string, at: number, from: number): boolean {
  let start = at
  while (start > from && text.charCodeAt(start - 1) === BACKSLASH) start--
  return (at - start) % 2 === 1
}
