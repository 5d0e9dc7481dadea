import { contentTexts, toolOf } from './chat-request.ts'
import { isObject, numberOr, objectOf, objectsOf, stringOf, type JsonObject } from './json.ts'
import type { Magic } from './magic.ts'
import type { Ask, Format, ToolChoice } from './reply.ts'

/**
 * Reads the body of a response request. Fields it does not know are ignored.
 * `context` is the text of the conversation before it, which counts as input, too; instructions are not inherited.
 */
export function responseAsk (body: JsonObject, magic: Magic | null, context: string): Ask {
  const items = inputItems(body.input)
  const lastUser = items.findLast(item => item.role === 'user')
  return {
    model: stringOf(body.model),
    magic,
    prompt: [stringOf(body.instructions), context, inputText(body.input)].filter(text => text !== '').join('\n'),
    question: contentTexts(lastUser?.content).join('\n'),
    afterTool: items.at(-1)?.type === 'function_call_output',
    seed: '',
    stop: [],
    maxTokens: numberOr(body.max_output_tokens, Infinity),
    format: formatOf(objectOf(body.text).format),
    tools: objectsOf(body.tools).filter(tool => tool.type === 'function').map(toolOf),
    toolChoice: choiceOf(body.tool_choice),
    parallelCalls: body.parallel_tool_calls !== false,
    reasons: isObject(body.reasoning)
  }
}

/** The input as items: a string is one user message. */
export function inputItems (input: unknown): readonly JsonObject[] {
  if (typeof input !== 'string') return objectsOf(input)
  return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }]
}

/** Every text of the input, joined by newlines. */
export function inputText (input: unknown): string {
  return inputItems(input).flatMap(item => {
    const alone = [item.arguments, item.output].filter(text => typeof text === 'string')
    return [...contentTexts(item.content), ...alone, ...contentTexts(item.summary)]
  }).join('\n')
}

function formatOf (format: unknown): Format {
  const { type, schema } = objectOf(format)
  if (type === 'json_schema') return { type, schema }
  return { type: type === 'json_object' ? type : 'text' }
}

function choiceOf (choice: unknown): ToolChoice {
  if (choice === 'none' || choice === 'required') return choice
  return isObject(choice) ? { name: stringOf(choice.name) } : 'auto'
}
