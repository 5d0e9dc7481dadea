import type { JsonObject } from './json.ts'
import { logprobsOf } from './logprobs.ts'
import type { Reply } from './reply.ts'
import { piecesOf } from './text.ts'

/** One chat completion, before it is written as JSON or as a stream. */
export interface Completion {
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  readonly model: string
  /** The same for a model as long as the demo itself stays the same. */
  readonly fingerprint: string
  readonly replies: readonly Reply[]
  /** How many likely tokens to list for each one; null for none at all. */
  readonly logprobs: number | null
  /** The caller wants the usage in the stream. */
  readonly includeUsage: boolean
  /** Null when it is withheld. */
  readonly usage: JsonObject | null
  /** AIMLAPI's price; null when it is not told. */
  readonly meta: JsonObject | null
}

/** The completion as JSON. */
export function completionObject (completion: Completion): JsonObject {
  return {
    id: completion.id,
    object: 'chat.completion',
    created: completion.created,
    model: completion.model,
    choices: completion.replies.map((reply, index) => ({
      index,
      message: messageOf(completion.id, index, reply),
      logprobs: completion.logprobs === null ? null : { content: logprobsOf(piecesOf(reply.text), completion.logprobs), refusal: null },
      finish_reason: reply.finish
    })),
    ...completion.usage === null ? {} : { usage: completion.usage },
    system_fingerprint: completion.fingerprint,
    ...completion.meta === null ? {} : { meta: completion.meta }
  }
}

function messageOf (id: string, choice: number, reply: Reply): JsonObject {
  const calls = reply.calls.map((call, index) => ({ id: callId(id, choice, index), type: 'function', function: call }))
  return {
    role: 'assistant',
    content: reply.refused || calls.length > 0 ? null : reply.text,
    refusal: reply.refused ? reply.text : null,
    annotations: [],
    ...reply.reasoning === '' ? {} : { reasoning_content: reply.reasoning },
    ...calls.length === 0 ? {} : { tool_calls: calls }
  }
}

/** The id of a choice's tool call: the same in JSON and stream. */
export function callId (id: string, choice: number, index: number): string {
  return `call_${id.slice(-16)}_${choice}_${index}`
}
