import { textBytes } from './generated.ts'
import { stringEnd } from './scanner.ts'
import type { RawEvent } from './sse.ts'

/** The values in which an event differs from the one it was matched against. */
export interface Variation {
  /** Bytes of generated text. */
  readonly textBytes: number
  /** `sequence_number`, where the event has one. */
  readonly sequence: number | null
  /** Offsets of the event's last text in its block, between the quotes; -1 when it has none. */
  readonly textStart: number
  readonly textEnd: number
  /** Every index is the template's own. */
  readonly sameIndexes: boolean
}

/** `again`: reasoning under its second name. */
type Slot = 'text' | 'reasoning' | 'again' | 'filler' | 'sequence' | 'index'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const FIRST_PRINTABLE = 0x20

const ZERO = 0x30
const NINE = 0x39

/** The members in which one delta differs from the next: generated text, random padding, counters. */
const VARIABLE = /"(?:(content|reasoning_content|reasoning|refusal|arguments|delta)|obfuscation)": ?"|"(?:(sequence_number)|index)": ?(?=\d)/g

/**
 * The fast path of a stream. The deltas of one stream differ in little but the text they carry, so one that was parsed and says
 * nothing else serves as the template of the next: an event that equals it in every byte outside the variable values is as
 * valid and says as little, and need not be parsed. Measured: 0.2 µs an event instead of 1.5 µs.
 */
export class EventTemplate {
  readonly #slots: Slot[] = []
  /** What stands before each slot, and after the last: one more than there are slots. */
  readonly #fixed: string[] = []
  /** What the event itself has in each slot. */
  readonly #own: string[] = []
  readonly #texts: string[] = []

  /** `event` must be valid, and must say nothing that the caller needs besides its variable values. */
  constructor (event: RawEvent) {
    // A copy of its own: parts of the block's text would keep the whole block alive as long as the stream.
    const text = event.block.toString('latin1', event.start, event.end)
    let at = 0
    let reasoning: string | null = null
    VARIABLE.lastIndex = 0
    for (let match = VARIABLE.exec(text); match !== null; match = VARIABLE.exec(text)) {
      const start = VARIABLE.lastIndex
      const slot = slotOf(match, reasoning)
      if (slot === 'reasoning') reasoning = match[1] as string
      else if (slot === 'again') reasoning = null
      this.#slots.push(slot)
      this.#fixed.push(text.slice(at, start))
      at = valueEnd(slot, text, start)
      this.#own.push(text.slice(start, at))
      if (slot === 'text' || slot === 'reasoning') this.#texts.push(match[1] as string)
    }
    this.#fixed.push(text.slice(at))
  }

  /**
   * The key of the only text, where that is certain: nowhere else in the event is the key, nor a backslash that could spell it. Null
   * when there are more texts, or a sequence number, which is part of what the event says.
   */
  get textKey (): string | null {
    const [key, another] = this.#texts
    if (key === undefined || another !== undefined || this.#slots.includes('sequence')) return null
    const fixed = this.#fixed.join('')
    return fixed.includes('\\') || fixed.indexOf(`"${key}"`) !== fixed.lastIndexOf(`"${key}"`) ? null : key
  }

  /** The event's variable values; null when it differs from the template in anything else, or one of them is not valid JSON. */
  match ({ text, start, end }: RawEvent): Variation | null {
    let at = start
    let generated = 0
    let reasoned = 0
    let sequence: number | null = null
    let textStart = -1
    let textEnd = -1
    let sameIndexes = true
    for (let i = 0; i < this.#slots.length; i++) {
      const valueStart = pastFixed(this.#fixed[i] as string, text, at)
      if (valueStart === -1) return null
      const slot = this.#slots[i] as Slot
      at = valueEnd(slot, text, valueStart)
      if (at === -1) return null
      if (slot === 'text' || slot === 'reasoning') {
        const bytes = generatedBytes(text, valueStart, at)
        generated += bytes
        if (slot === 'reasoning') reasoned = bytes
        textStart = valueStart
        textEnd = at
      } else if (slot === 'again') {
        generated += Math.max(0, generatedBytes(text, valueStart, at) - reasoned)
      } else if (slot === 'sequence') {
        sequence = Number(text.slice(valueStart, at))
      } else if (slot === 'index') {
        sameIndexes &&= text.slice(valueStart, at) === this.#own[i]
      }
    }
    return pastFixed(this.#fixed.at(-1) as string, text, at) === end ? { textBytes: generated, sequence, textStart, textEnd, sameIndexes } : null
  }
}

/** @param reasoning the name of the reasoning before it, that has not come under a second name yet */
function slotOf (match: RegExpExecArray, reasoning: string | null): Slot {
  const [, name, counter] = match
  if (counter !== undefined) return 'sequence'
  if (!match[0].endsWith('"')) return 'index'
  if (name === undefined) return 'filler'
  if (!name.startsWith('reasoning')) return 'text'
  return reasoning === null || reasoning === name ? 'reasoning' : 'again'
}

/** Comparing a slice is four times as fast as `startsWith`. */
function pastFixed (fixed: string, text: string, at: number): number {
  const end = at + fixed.length
  return text.slice(at, end) === fixed ? end : -1
}

/** Where the value in a slot ends: at its closing quote or past its digits. -1 when it is not valid JSON. */
function valueEnd (slot: Slot, text: string, start: number): number {
  return slot === 'sequence' || slot === 'index' ? digitsEnd(text, start) : stringClose(text, start)
}

/** JSON knows no number with a zero before other digits. */
function digitsEnd (text: string, start: number): number {
  let at = start
  while (isDigit(text.charCodeAt(at))) at++
  return at === start || (at > start + 1 && text.charCodeAt(start) === ZERO) ? -1 : at
}

function isDigit (code: number): boolean {
  return code >= ZERO && code <= NINE
}

function stringClose (text: string, start: number): number {
  const plain = plainEnd(text, start)
  if (text.charCodeAt(plain) === QUOTE) return plain
  const end = stringEnd(text, start - 1)
  return end !== -1 && parseString(text.slice(start - 1, end)) !== null ? end - 1 : -1
}

/** Offset of the first character that is not plain text: a quote, a backslash, a control character or the end. */
function plainEnd (text: string, start: number): number {
  let at = start
  let code = text.charCodeAt(at)
  while (code >= FIRST_PRINTABLE && code !== QUOTE && code !== BACKSLASH) code = text.charCodeAt(++at)
  return at
}

function generatedBytes (text: string, start: number, close: number): number {
  return plainEnd(text, start) === close ? close - start : textBytes(parseString(text.slice(start - 1, close + 1)))
}

function parseString (json: string): string | null {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
