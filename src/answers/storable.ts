import type { Call } from '../openai/call.ts'
import { objectOrEmpty, objectsIn } from '../openai/json.ts'
import type { Json } from '../openai/json.ts'

/** Why a finished answer must not be given to anyone again. */
export type Unfit = 'error' | 'unfinished' | 'content-filter' | 'truncated' | 'audio'

/** The reasons by which a model ends an answer itself. Whatever else there is, or will be, is no proof that it did. */
const endings: ReadonlySet<unknown> = new Set(['stop', 'tool_calls', 'function_call'])

/**
 * What speaks against storing an answer, or null. A cut at the caller's own token cap is what the call asked for, and the cap
 * is in the fingerprint; a cut anywhere else is an accident.
 */
export function unfitness (call: Call, answer: Json): Unfit | null {
  if (answer.error != null) return 'error'
  return call.endpoint === 'responses' ? unfitResponse(call, answer) : unfitCompletion(call, answer)
}

function unfitCompletion (call: Call, { choices }: Json): Unfit | null {
  const given = objectsIn(choices)
  if (given.length < call.choices) return 'unfinished'
  return given.map(choice => unfitChoice(call, choice)).find(unfit => unfit !== null) ?? null
}

function unfitChoice ({ maxOutputTokens }: Call, { finish_reason: ending, message }: Json): Unfit | null {
  if (objectOrEmpty(message).audio != null) return 'audio'
  if (ending === 'content_filter') return 'content-filter'
  if (ending === 'length') return maxOutputTokens === null ? 'truncated' : null
  return endings.has(ending) ? null : 'unfinished'
}

function unfitResponse ({ maxOutputTokens }: Call, { status, incomplete_details: details }: Json): Unfit | null {
  if (status === 'completed') return null
  const { reason } = objectOrEmpty(details)
  if (status !== 'incomplete') return 'unfinished'
  if (reason === 'content_filter') return 'content-filter'
  return reason === 'max_output_tokens' && maxOutputTokens !== null ? null : 'truncated'
}
