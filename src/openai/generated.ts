import { objectOrEmpty, objectsIn } from './json.ts'
import type { Json } from './json.ts'

/**
 * Bytes of text, as UTF-8, that a chat delta adds to the answer: content, refusal, reasoning and the arguments of calls.
 * `delta` is parsed from latin1 text. Reasoning that comes under two names is counted once.
 */
export function deltaBytes (delta: Json): number {
  let bytes = textBytes(delta.content) + textBytes(delta.refusal) + textBytes(objectOrEmpty(delta.function_call).arguments)
  bytes += Math.max(textBytes(delta.reasoning), textBytes(delta.reasoning_content))
  for (const call of objectsIn(delta.tool_calls)) bytes += textBytes(objectOrEmpty(call.function).arguments)
  return bytes
}

/**
 * UTF-8 bytes of a string that was parsed out of latin1 text; 0 for anything else. Characters below 256 are bytes already, those
 * above come from `\uXXXX` escapes. (An escaped `\u00e9` so counts as one byte instead of two.)
 */
export function textBytes (parsed: unknown): number {
  if (typeof parsed !== 'string') return 0
  if (!/[^\x00-\xff]/.test(parsed)) return parsed.length
  let bytes = 0
  for (const character of parsed) bytes += character <= '\xff' ? 1 : Buffer.byteLength(character)
  return bytes
}
