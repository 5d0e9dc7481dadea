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
  const tail = Math.max(1, body.length - tailBytes)
  let at = body.lastIndexOf(needle)
  if (at === -1) return undefined
  for (let tried = 0; at >= tail && tried < maxCandidates; tried++) {
    const members = isEscaped(body, at) ? null : parseObject(`{${body.toString('utf8', at)}`)
    if (members !== null) return members[key]
    at = body.lastIndexOf(needle, at - 1)
  }
  return parseObject(body.toString())?.[key]
}

/** Whether a quote belongs to a string's content. */
function isEscaped (body: Buffer, quote: number): boolean {
  let start = quote
  while (start > 0 && body[start - 1] === backslash) start--
  return (quote - start) % 2 === 1
}
