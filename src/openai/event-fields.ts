import type { RawEvent } from './sse.ts'

/** What an event says. Text is latin1: decode it before showing it to anyone. */
export interface EventFields {
  /** The `data` lines, joined; null when there is none or they are blank. */
  readonly data: string | null
  readonly name: string | null
  /** The event without the lines that no client may see; empty when nothing is left, null when all may stay. */
  readonly cleaned: Buffer | null
}

const DATA = 'data: '
const LINES = /[^\r\n]*(?:\r\n|\r|\n)/g
const LINE_ENDS = '\r\n'
const BLANK = /^[\r\n]*$/

/**
 * Reads an event's lines. A client may see data, comments and, where `named`, the event's name, for SDKs crash over others: `id` and
 * `retry` (openai-python then fails on every comment), the name of a chat chunk (an old openai-node hands out a wrapper instead
 * of the chunk), and a name or blank data in an event that says nothing.
 */
export function readFields (event: RawEvent, named: boolean): EventFields {
  return dataAlone(event) ?? readLines(event, named)
}

/** Of an event that is one line of data, as most are. */
function dataAlone ({ text, start, end }: RawEvent): EventFields | null {
  const from = start + DATA.length
  if (!text.startsWith(DATA, start) || text.indexOf('\n', from) !== end - 2) return null
  const data = text.slice(from, end - 2)
  return data.trim() === '' || data.includes('\r') ? null : { data, name: null, cleaned: null }
}

function readLines (event: RawEvent, named: boolean): EventFields {
  const lines = event.text.slice(event.start, event.end).match(LINES) ?? []
  const data = joinedData(lines)
  const seen = lines.filter(line => isSeen(line, data !== null, named))
  return { data, name: lines.filter(isField('event')).map(valueOf).at(-1) ?? null, cleaned: seen.length === lines.length ? null : bytesOf(seen) }
}

function joinedData (lines: readonly string[]): string | null {
  const data = lines.filter(isField('data')).map(valueOf).join('\n')
  return data.trim() === '' ? null : data
}

function isSeen (line: string, hasData: boolean, named: boolean): boolean {
  if (line.startsWith(':') || BLANK.test(line)) return true
  return hasData && (isField('data')(line) || (named && isField('event')(line)))
}

function isField (name: string): (line: string) => boolean {
  return line => line.startsWith(name) && ':\r\n'.includes(line.charAt(name.length))
}

/** What follows the colon, without one space before it and the line end after it. */
function valueOf (line: string): string {
  const colon = line.indexOf(':')
  if (colon === -1) return ''
  let end = line.length
  while (LINE_ENDS.includes(line.charAt(end - 1))) end--
  return line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1), end)
}

function bytesOf (lines: readonly string[]): Buffer {
  return lines.every(line => BLANK.test(line)) ? Buffer.alloc(0) : Buffer.from(lines.join(''), 'latin1')
}
