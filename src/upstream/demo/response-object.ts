import type { JsonObject } from './json.ts'
import { objectsOf, stringOf } from './json.ts'
import type { Reply } from './reply.ts'

export type Status = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled'

/** A response as it is from its creation on. */
export interface Draft {
  readonly id: string
  /** Seconds since 1970. */
  readonly createdAt: number
  readonly model: string
  /** The request's body: most of it is repeated in the answer. */
  readonly body: JsonObject
  readonly reply: Reply
  /** Null when it is withheld. */
  readonly usage: JsonObject | null
  /** AIMLAPI's price; null when it is not told. */
  readonly meta: JsonObject | null
  /** What it will end as. */
  readonly outcome: 'completed' | 'incomplete' | 'failed'
}

/** The response as the API shows it in the given state. Output and usage come with the end. */
export function responseObject (draft: Draft, status: Status): JsonObject {
  const { body } = draft
  const ended = status === draft.outcome
  const output = ended ? outputItems(draft) : []
  return {
    id: draft.id,
    object: 'response',
    created_at: draft.createdAt,
    status,
    background: body.background === true,
    error: status === 'failed' ? { code: 'server_error', message: 'The model failed.' } : null,
    incomplete_details: status === 'incomplete' ? { reason: incompleteReason(draft.reply) } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    model: draft.model,
    output,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: body.reasoning ?? { effort: null, summary: null },
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: body.text ?? { format: { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    usage: ended ? draft.usage : null,
    output_text: outputText(output),
    ...ended && draft.meta !== null ? { meta: draft.meta } : {}
  }
}

/** The items of the output as they are in the end: reasoning, then calls or a message. */
export function outputItems (draft: Draft): readonly JsonObject[] {
  const { id, reply, outcome } = draft
  if (outcome === 'failed') return []
  const reasoning = reply.reasoning === '' ? [] : [reasoningItem(id, reply.reasoning)]
  const calls = reply.calls.map((call, index) => ({
    id: `fc_${id.slice(5)}_${index}`,
    type: 'function_call',
    status: outcome,
    call_id: `call_${id.slice(-16)}_${index}`,
    ...call
  }))
  return [...reasoning, ...calls.length > 0 ? calls : [messageItem(draft)]]
}

function reasoningItem (id: string, text: string): JsonObject {
  return { id: `rs_${id.slice(5)}`, type: 'reasoning', summary: [{ type: 'summary_text', text }] }
}

function messageItem ({ id, reply, outcome }: Draft): JsonObject {
  const part = reply.refused
    ? { type: 'refusal', refusal: reply.text }
    : { type: 'output_text', text: reply.text, annotations: [], logprobs: [] }
  return { id: `msg_${id.slice(5)}`, type: 'message', status: outcome, role: 'assistant', content: [part] }
}

function outputText (output: readonly JsonObject[]): string {
  return output.flatMap(item => objectsOf(item.content)).map(part => stringOf(part.text)).join('')
}

function incompleteReason (reply: Reply): string {
  return reply.finish === 'content_filter' ? 'content_filter' : 'max_output_tokens'
}
