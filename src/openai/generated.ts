import { objectOrEmpty, objectsIn, parseObject } from './json.ts'
import type { Endpoint } from './call.ts'
import type { Json } from './json.ts'
import type { JsonBody } from './json-body.ts'

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

/** Bytes of all text in a JSON answer, as if it had come as a stream: vectors, ids and what else is around it are none. */
export function generatedBytes (endpoint: Endpoint, { bytes }: JsonBody): number {
  const { choices, output } = parseObject(bytes.toString('latin1')) ?? {}
  switch (endpoint) {
    case 'embeddings':
      return 0
    case 'chat.completions':
      return sumOf(objectsIn(choices), ({ message, text }) => deltaBytes(objectOrEmpty(message)) + textBytes(text))
    case 'responses':
      return sumOf(objectsIn(output), itemBytes)
  }
}

/** A message, a call of a tool with its arguments or input, or reasoning. */
function itemBytes ({ content, summary, arguments: args, input, code }: Json): number {
  const parts = sumOf([...objectsIn(content), ...objectsIn(summary)], ({ text, refusal }) => textBytes(text) + textBytes(refusal))
  return parts + textBytes(args) + textBytes(input) + textBytes(code)
}

function sumOf<Item> (items: readonly Item[], bytesOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + bytesOf(item), 0)
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
