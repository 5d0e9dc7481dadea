import type { ObjectBuilder } from './assemble.ts'
import { mergeDelta, replaceUnlessEmpty } from './delta.ts'
import { objectOrEmpty, objectsIn } from './json.ts'
import type { Json } from './json.ts'

interface UnfinishedChoice {
  readonly message: Record<string, unknown>
  readonly members: Record<string, unknown>
}

/**
 * Builds a chat completion from its chunks. Unknown members are kept: those of a delta are joined, those of a choice or a chunk
 * replaced by the latest that is not empty (some servers repeat them, or leave them empty, in every chunk).
 *
 * Members stand in this order: `id`, `object`, `created`, `model`, `choices`, `usage`, then the rest as it came;
 * in a choice `index`, `message`, `logprobs`, `finish_reason`, then the rest; in a message as they came.
 */
export class ChatBuilder implements ObjectBuilder {
  readonly #members: Record<string, unknown> = {}
  readonly #choices = new Map<number, UnfinishedChoice>()
  #broken = false

  add (data: string): void {
    if (data === '[DONE]') return
    try {
      this.#addChunk(JSON.parse(data))
    } catch {
      this.#broken = true
    }
  }

  finish (): Json | null {
    if (this.#broken || this.#choices.size === 0) return null
    const { id, created, model, usage, ...rest } = this.#members
    const choices = [...this.#choices].sort(([a], [b]) => a - b).map(([index, choice]) => finishedChoice(index, choice))
    // A null usage is only what the other chunks say where one chunk carries the usage.
    return { id, object: 'chat.completion', created, model, choices, ...(usage == null ? {} : { usage }), ...rest }
  }

  #addChunk ({ choices, object, obfuscation, ...members }: Json): void {
    replaceUnlessEmpty(this.#members, members)
    for (const choice of objectsIn(choices)) this.#addChoice(choice)
  }

  #addChoice ({ index, delta, message, logprobs, ...members }: Json): void {
    const choice = this.#choiceAt(indexIn(index))
    for (const call of objectsIn(objectOrEmpty(delta).tool_calls)) indexIn(call.index)
    mergeDelta(choice.message, objectOrEmpty(delta))
    mergeDelta(choice.members, logprobs === undefined ? {} : { logprobs })
    replaceUnlessEmpty(choice.members, members)
  }

  #choiceAt (index: number): UnfinishedChoice {
    const choice = this.#choices.get(index) ?? { message: {}, members: {} }
    this.#choices.set(index, choice)
    return choice
  }
}

/** Throws TypeError: without its index, a choice or a tool call could not be told from the others. */
function indexIn (value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new TypeError('no index')
  return value
}

function finishedChoice (index: number, { message, members }: UnfinishedChoice): Json {
  const { logprobs, finish_reason: finishReason = null, ...rest } = members
  return { index, message: finishedMessage(message), ...(logprobs === undefined ? {} : { logprobs }), finish_reason: finishReason, ...rest }
}

/** Only in a stream do tool calls carry their index. */
function finishedMessage (message: Json): Json {
  if (!Array.isArray(message.tool_calls)) return message
  const calls = objectsIn(message.tool_calls).toSorted((a, b) => Number(a.index) - Number(b.index))
  return { ...message, tool_calls: calls.map(({ index, ...call }) => call) }
}
