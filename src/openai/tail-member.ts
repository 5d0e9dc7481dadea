import { parseObject } from './json.ts'
import { stringEnd } from './scanner.ts'

const QUOTE = 0x22
const BRACKET_OPEN = 0x5b
const BACKSLASH = 0x5c
const BRACKET_CLOSE = 0x5d
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d

/** Answers carry their account at the end, after the long texts. */
const TAIL_BYTES = 1024
/** A tail that names the key more often is parsed whole: walking it again and again would cost more. */
const MAX_CANDIDATES = 4

/**
 * The value of a top-level member of a JSON object, without parsing the rest: `JSON.parse(body)[key]`, provided that the body is
 * valid JSON that spells the key without escapes. Undefined when there is none.
 *
 * `"key"` with its quotes cannot stand inside a string, where quotes are escaped, so that only its depth is in question: a member
 * is at the top when just one bracket is left to close after it. Where the end of the body does not decide, the body is parsed.
 */
export function topLevelMember (body: Buffer, key: string): unknown {
  const needle = `"${key}"`
  const tail = body.toString('latin1', Math.max(0, body.length - TAIL_BYTES))
  let at = tail.lastIndexOf(needle)
  for (let tried = 0; at > 0 && tried < MAX_CANDIDATES; tried++) {
    const object = topLevelObject(tail, at, needle.length)
    if (object !== null) return parseObject(Buffer.from(object, 'latin1').toString())
    at = tail.lastIndexOf(needle, at - 1)
  }
  return body.includes(needle) ? parseObject(body.toString())?.[key] : undefined
}

/** The text of the object that is the value of the key at `at`; null when it is none, or not a member of the outermost object. */
function topLevelObject (tail: string, at: number, keyLength: number): string | null {
  const [colon] = /^\s*:\s*(?=\{)/.exec(tail.slice(at + keyLength)) ?? [null]
  if (colon === null || isEscaped(tail, at)) return null
  const start = at + keyLength + colon.length
  const end = levelEnd(tail, start, 0)
  return end !== -1 && levelEnd(tail, end, -1) === tail.trimEnd().length ? tail.slice(start, end) : null
}

/** One past the closing bracket that brings the depth to `level`, counted from 0 at `from`; -1 when there is none. */
function levelEnd (text: string, from: number, level: number): number {
  let depth = 0
  let at = from
  while (at !== -1 && at < text.length) {
    const code = text.charCodeAt(at)
    at = code === QUOTE ? stringEnd(text, at) : at + 1
    if (code === BRACE_OPEN || code === BRACKET_OPEN) depth++
    else if ((code === BRACE_CLOSE || code === BRACKET_CLOSE) && --depth === level) return at
  }
  return -1
}

/** Whether a quote belongs to a string's content. Backslashes up to the very start of the tail leave that open: then it counts as one. */
function isEscaped (tail: string, quote: number): boolean {
  let start = quote
  while (start > 0 && tail.charCodeAt(start - 1) === BACKSLASH) start--
  return start === 0 || (quote - start) % 2 === 1
}
