import type { Stretch } from './byte-runs.ts'

/** One event with the blank line that ends it, as a stretch of the block of bytes it came in. */
export interface RawEvent extends Stretch {
  /** The block as latin1, so that an index into it is a byte offset. */
  readonly text: string
}

const BYTE_ORDER_MARK = '\xef\xbb\xbf'
const CARRIAGE_RETURN = Buffer.from('\r')
const EMPTY = Buffer.alloc(0)
const BLANK_LINE = Buffer.from('\n\n')

/**
 * Cuts a byte stream into events (WHATWG HTML §9.2.6), whatever the chunks: line ends LF, CRLF and CR, characters cut in two,
 * a byte order mark at the start (left out: two SDKs lose the first event over it). Events stay bytes and are never decoded.
 * Blank lines beyond the one that ends an event belong to the next event. A chunk that holds whole events is not copied.
 *
 * A CR at the end of a chunk waits for the next byte, which may be the LF that belongs to it.
 */
export class EventSplitter {
  readonly #maxEventBytes: number
  /** The beginning of an event, in a buffer that grows: chunks of one byte must not cost an object each, nor keep what they were cut from. */
  #pending = EMPTY
  #pendingBytes = 0
  #heldCarriageReturn = false
  #lineIsEmpty = true
  #eventIsEmpty = true
  #first = true
  #overflowing = false

  /** An event of more than `maxEventBytes` makes the splitter stop for good. */
  constructor (maxEventBytes: number) {
    this.#maxEventBytes = maxEventBytes
  }

  /** An event was larger than the bound. Nothing comes after it. */
  get overflowing (): boolean {
    return this.#overflowing
  }

  /** The events that have become whole, in order. */
  push (chunk: Buffer): RawEvent[] {
    let block = this.#heldCarriageReturn ? Buffer.concat([CARRIAGE_RETURN, chunk]) : chunk
    this.#heldCarriageReturn = block[block.length - 1] === CARRIAGE_RETURN[0]
    if (this.#heldCarriageReturn) block = block.subarray(0, -1)
    return this.#split(block)
  }

  /** The stream has ended: what was not whole yet, closed with the blank line it lacks. It may be cut short anywhere. */
  finish (): RawEvent[] {
    if (!this.#heldCarriageReturn) return this.#pendingBytes === 0 ? [] : this.#split(BLANK_LINE)
    this.#heldCarriageReturn = false
    const events = this.#split(CARRIAGE_RETURN)
    return events.length > 0 ? events : this.#split(CARRIAGE_RETURN)
  }

  #split (block: Buffer): RawEvent[] {
    const events: RawEvent[] = []
    if (this.#overflowing) return events
    const text = block.toString('latin1')
    const lineEnds = new LineEnds(text)
    let start = 0
    for (let end = this.#boundary(lineEnds, 0); end !== -1; end = this.#boundary(lineEnds, start)) {
      if (this.#exceeds(end - start)) return events
      events.push(this.#complete({ block, text, start, end }))
      start = end
    }
    if (start < block.length && !this.#exceeds(block.length - start)) this.#keep(block.subarray(start))
    return events
  }

  /** One past the blank line that ends the event in progress, or -1. */
  #boundary (lineEnds: LineEnds, from: number): number {
    const next = this.#eventIsEmpty && this.#lineIsEmpty ? lineEnds.afterBlankLine(from) : -1
    if (next !== -1) return next
    let at = from
    for (let end = lineEnds.after(at); end !== -1; end = lineEnds.after(at)) {
      const blank = end === at && this.#lineIsEmpty
      at = lineEnds.past(end)
      this.#lineIsEmpty = true
      if (!blank) this.#eventIsEmpty = false
      else if (!this.#eventIsEmpty) {
        this.#eventIsEmpty = true
        return at
      }
    }
    if (at < lineEnds.text.length) this.#lineIsEmpty = this.#eventIsEmpty = false
    return -1
  }

  #exceeds (moreBytes: number): boolean {
    this.#overflowing = this.#pendingBytes + moreBytes > this.#maxEventBytes
    return this.#overflowing
  }

  #keep (bytes: Buffer): void {
    const total = this.#pendingBytes + bytes.length
    if (total > this.#pending.length) {
      const larger = Buffer.allocUnsafe(2 * total)
      this.#pending.copy(larger, 0, 0, this.#pendingBytes)
      this.#pending = larger
    }
    bytes.copy(this.#pending, this.#pendingBytes)
    this.#pendingBytes = total
  }

  #complete (tail: RawEvent): RawEvent {
    const event = this.#pendingBytes === 0 ? tail : this.#join(tail)
    if (!this.#first) return event
    this.#first = false
    return event.text.startsWith(BYTE_ORDER_MARK, event.start) ? { ...event, start: event.start + BYTE_ORDER_MARK.length } : event
  }

  #join ({ block, start, end }: RawEvent): RawEvent {
    this.#keep(block.subarray(start, end))
    const whole = this.#pending.subarray(0, this.#pendingBytes)
    this.#pending = EMPTY
    this.#pendingBytes = 0
    return { block: whole, text: whole.toString('latin1'), start: 0, end: whole.length }
  }
}

/** Where the lines of a block end. Remembers the next LF and CR, so that a block is searched once and not once a line. */
class LineEnds {
  readonly text: string
  #lineFeed = -2
  #carriageReturn = -2

  constructor (text: string) {
    this.text = text
  }

  /** Offset of the first CR or LF at or after `from`, or -1. `from` never goes back. */
  after (from: number): number {
    this.#lineFeed = this.#next('\n', this.#lineFeed, from)
    this.#carriageReturn = this.#next('\r', this.#carriageReturn, from)
    if (this.#carriageReturn === -1) return this.#lineFeed
    return this.#lineFeed === -1 ? this.#carriageReturn : Math.min(this.#lineFeed, this.#carriageReturn)
  }

  /** The common case in one search: one past the LF LF that ends an event which begins at `from` with a line; -1 where a CR or a blank line makes it harder, or there is none. */
  afterBlankLine (from: number): number {
    this.#carriageReturn = this.#next('\r', this.#carriageReturn, from)
    if (this.#carriageReturn !== -1 || this.text.startsWith('\n', from)) return -1
    const end = this.text.indexOf('\n\n', from)
    return end === -1 ? -1 : end + 2
  }

  /** One past the line end at `end`: CR LF is one. */
  past (end: number): number {
    return end + (this.text.startsWith('\r\n', end) ? 2 : 1)
  }

  #next (mark: string, known: number, from: number): number {
    return known === -1 || known >= from ? known : this.text.indexOf(mark, from)
  }
}
