import type { ObjectBuilder } from './assemble.ts'
import { mergeDelta, replaceUnlessEmpty, textHolders } from './delta.ts'
import { textsAsMeant } from './event-reader.ts'
import type { AlikeEvent, ParsedEvent, ReadEvent } from './event-reader.ts'
import { objectOrEmpty, objectsIn } from './json.ts'
import type { Json } from './json.ts'
import type { EventTemplate } from './template.ts'

interface UnfinishedChoice {
  readonly message: Record<string, unknown>
  readonly members: Record<string, unknown>
}

/** Where the text of the next chunk goes, if that differs from the last one in nothing else. */
interface Tail {
  readonly template: EventTemplate
  readonly holder: Record<string, unknown>
  readonly key: string
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
  #tail: Tail | null = null
  #broken = false

  add (event: ReadEvent): void {
    try {
      if (event.is === 'unreadable') this.#broken = true
      else if (event.is === 'parsed') this.#addWhole(event, event.template)
      else if (event.template === this.#tail?.template && event.variation.sameIndexes) this.#addText(this.#tail, event)
      else this.#addWhole(event, event.variation.sameIndexes ? event.template : null)
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

  /** @param template the chunk may be taken for the one that it was made of */
  #addWhole (event: ParsedEvent | AlikeEvent, template: EventTemplate | null): void {
    const chunk = textsAsMeant(event)
    this.#addChunk(chunk)
    this.#tail = template === null ? null : this.#tailBehind(chunk, template)
  }

  #addText ({ holder, key }: Tail, { event, variation }: AlikeEvent): void {
    const spelled = event.block.toString('utf8', variation.textStart, variation.textEnd)
    holder[key] = `${holder[key]}${spelled.includes('\\') ? JSON.parse(`"${spelled}"`) : spelled}`
  }

  /** The chunk has been added. Members of chunk and choice are replaced by the latest anyway, log probabilities are continued. */
  #tailBehind ({ choices }: Json, template: EventTemplate): Tail | null {
    const key = template.textKey
    const [choice, another] = objectsIn(choices)
    if (key === null || choice === undefined || another !== undefined || choice.logprobs != null || 'obfuscation' in choice) return null
    const [holder] = textHolders(this.#choiceAt(indexIn(choice.index)).message, objectOrEmpty(choice.delta), key) ?? []
    return holder === undefined ? null : { template, holder, key }
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
