import type { RawEvent } from './sse.ts'

/** What an event says. Text is latin1: decode it before showing it to anyone. */
export interface EventFields {
  /** The `data` lines, joined; null when there is none or they are blank. */
  readonly data: string | null
  readonly name: string | null
  /** The event without the lines that no client may see; empty when nothing is left, null when all may stay. */
  readonly cleaned: Buffer | null
}

const LINES = /[^\r\n]*(?:\r\n|\r|\n)/g

/**
 * Reads an event's lines. Those that crash SDKs are marked to be left out: `id` and `retry` (openai-python then fails on comments),
 * `event` on a chat chunk (`named` false: an old openai-node hands out a wrapper instead of the chunk), and an `event` or a blank
 * `data` in an event that says nothing. Comments and unknown fields stay: every SDK passes over them.
 */
export function readFields (event: RawEvent, named: boolean): EventFields {
  const lines = event.text.slice(event.start, event.end).match(LINES) ?? []
  const data = joinedData(lines)
  const kept = lines.filter(line => !isUnsafe(line, data === null, named))
  return { data, name: lines.filter(isField('event')).map(valueOf).at(-1) ?? null, cleaned: kept.length === lines.length ? null : bytesOf(kept) }
}

function joinedData (lines: readonly string[]): string | null {
  const data = lines.filter(isField('data')).map(valueOf).join('\n')
  return data.trim() === '' ? null : data
}

function isUnsafe (line: string, silent: boolean, named: boolean): boolean {
  if (isField('id')(line) || isField('retry')(line)) return true
  return (isField('event')(line) && (silent || !named)) || (isField('data')(line) && silent)
}

function isField (name: string): (line: string) => boolean {
  return line => line.startsWith(name) && ':\r\n'.includes(line.charAt(name.length))
}

function valueOf (line: string): string {
  return line.slice(line.indexOf(':') + 1).replace(/^ /, '').replace(/[\r\n]+$/, '')
}

function bytesOf (lines: readonly string[]): Buffer {
  const text = lines.join('')
  return Buffer.from(text.trim() === '' ? '' : text, 'latin1')
}
