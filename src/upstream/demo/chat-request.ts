import { isObject, listOf, numberOr, objectOf, objectsOf, stringOf, type JsonObject } from './json.ts'
import type { Magic } from './magic.ts'
import type { Ask, Format, Tool, ToolChoice } from './reply.ts'

/** Reads the body of a chat completion request. Fields it does not know are ignored. */
export function chatAsk (body: JsonObject, magic: Magic | null): Ask {
  const messages = objectsOf(body.messages)
  const lastUser = messages.findLast(message => message.role === 'user')
  return {
    model: stringOf(body.model),
    magic,
    prompt: messages.flatMap(messageTexts).join('\n'),
    question: contentTexts(lastUser?.content).join('\n'),
    afterTool: messages.at(-1)?.role === 'tool',
    seed: String(body.seed ?? ''),
    stop: stopsOf(body.stop),
    maxTokens: numberOr(body.max_completion_tokens, numberOr(body.max_tokens, Infinity)),
    format: formatOf(body.response_format),
    tools: objectsOf(body.tools).filter(tool => tool.type === 'function').map(tool => toolOf(objectOf(tool.function))),
    toolChoice: choiceOf(body.tool_choice),
    parallelCalls: body.parallel_tool_calls !== false,
    reasons: typeof body.reasoning_effort === 'string' && body.reasoning_effort !== 'none'
  }
}

/** The texts of a content: a string, or parts of which some have a text. */
export function contentTexts (content: unknown): readonly string[] {
  if (typeof content === 'string') return [content]
  return objectsOf(content).map(part => part.text ?? part.refusal).filter(text => typeof text === 'string')
}

/** A tool as both endpoints describe it: `parameters` may be missing. */
export function toolOf (described: JsonObject): Tool {
  return { name: stringOf(described.name), parameters: described.parameters }
}

function messageTexts (message: JsonObject): readonly string[] {
  const calls = objectsOf(message.tool_calls).map(call => stringOf(objectOf(call.function).arguments))
  return [...contentTexts(message.content), ...calls]
}

function stopsOf (stop: unknown): readonly string[] {
  const stops = typeof stop === 'string' ? [stop] : listOf(stop)
  return stops.filter(text => typeof text === 'string' && text !== '').map(String)
}

function formatOf (format: unknown): Format {
  const { type, json_schema: described } = objectOf(format)
  if (type === 'json_schema') return { type, schema: objectOf(described).schema }
  return { type: type === 'json_object' ? type : 'text' }
}

function choiceOf (choice: unknown): ToolChoice {
  if (choice === 'none' || choice === 'required') return choice
  return isObject(choice) ? { name: stringOf(objectOf(choice.function).name) } : 'auto'
}
