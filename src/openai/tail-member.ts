import { parseObject } from './json.ts'

const backslash = 0x5c

/** Answers carry their account at the end, after the long texts. */
const tailBytes = 1024
/** A tail that names the key more often is parsed whole: trying it again and again would cost more. */
const maxCandidates = 4

/**
 * The value of a top-level member of a JSON object, without parsing what stands before it: `JSON.parse(body)[key]`, provided that the
 * body is valid JSON that spells the key without escapes. Undefined when there is none.
 *
 * A quote that is not escaped and has the key right behind it begins a string. Where that is a member of the outermost object, and
 * only there, the rest of the body behind a `{` is JSON again. Where the end of the body does not decide, the body is parsed.
 */
export function topLevelMember (body: Buffer, key: string): unknown {
  const needle = `"${key}"`
  const start = Math.max(0, body.length - tailBytes)
  const tail = body.toString('latin1', start)
  let at = tail.lastIndexOf(needle)
  for (let tried = 0; at > 0 && tried < maxCandidates; tried++) {
    const members = isEscaped(tail, at) ? null : parseObject(`{${body.toString('utf8', start + at)}`)
    if (members !== null) return members[key]
    at = tail.lastIndexOf(needle, at - 1)
  }
  return body.includes(needle) ? parseObject(body.toString())?.[key] : undefined
}

/** Whether a quote belongs to a string's content. Backslashes up to the very start of the tail leave that open: then it counts as one. */
function isEscaped (tail: string, quote: number): boolean {
  let start = quote
  while (start > 0 && tail.charCodeAt(start - 1) === backslash) start--
  return start === 0 || (quote - start) % 2 === 1
}
