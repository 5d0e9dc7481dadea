import { objectOrEmpty, objectsIn } from './json.ts'
import type { Json } from './json.ts'

/**
 * A chat completion as chunks, one choice after the other: the role, the message but for its tool calls, each tool call whole,
 * the finish; then the usage where it was asked for. Members that only some servers have are on the first chunk.
 */
export function chatEvents (completion: Json, includeUsage: boolean): readonly Json[] {
  const { id, created, model, service_tier: tier, system_fingerprint: system, choices, usage, object, ...extra } = completion
  const head = { id, object: 'chat.completion.chunk', created, model, service_tier: tier, system_fingerprint: system }
  const nullUsage = includeUsage ? { usage: null } : {}
  const chunks = objectsIn(choices).flatMap(choiceFrames).map(frame => ({ ...head, choices: [frame], ...nullUsage }))
  Object.assign(chunks[0] ?? {}, extra)
  return includeUsage && usage !== undefined ? [...chunks, { ...head, choices: [], usage }] : chunks
}

function choiceFrames ({ index, message, logprobs, finish_reason: finishReason, ...rest }: Json): readonly Json[] {
  const { role, tool_calls: calls, ...text } = objectOrEmpty(message)
  const streamed = Array.isArray(calls) && calls.length > 0
  const frame = (members: Json): Json => ({ index, ...members, finish_reason: null })
  return [
    // Alone: openai-node 4 to 6 count log probabilities on a choice's first chunk twice.
    frame({ delta: { role } }),
    frame({ delta: streamed ? text : { ...text, tool_calls: calls }, logprobs }),
    ...objectsIn(streamed ? calls : []).map((call, position) => frame({ delta: { tool_calls: [{ index: position, ...call }] } })),
    { index, delta: {}, finish_reason: finishReason, ...rest }
  ]
}
