/** What the providers of the stand answer: the shapes and sizes of real answers. */

/** Events of a stream, the closing ones included. */
export const eventsPerStream = 20

const id = 'chatcmpl-CeT4x8Jm2QwVn0aKzR7uYbHfLdPoS'
const created = 1763850000
const model = 'gpt-4o-2024-08-06'

/** What the providers say that an answer has used. */
export const usageOf = {
  completion: { prompt_tokens: 57, completion_tokens: 41, total_tokens: 98 },
  stream: { prompt_tokens: 57, completion_tokens: 17, total_tokens: 74 },
  embedding: { prompt_tokens: 8, total_tokens: 8 }
} as const

const words = 'The gateway passes every byte of this answer on as it came, and reads of it only what it cost. '

/** About 600 bytes. */
export const completion = JSON.stringify({
  id,
  object: 'chat.completion',
  created,
  model,
  choices: [{ index: 0, message: { role: 'assistant', content: words.repeat(2), refusal: null, annotations: [] }, logprobs: null, finish_reason: 'stop' }],
  usage: { ...usageOf.completion, prompt_tokens_details: { cached_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 0 } },
  system_fingerprint: 'fp_a1b2c3d4e5'
})

/** One vector of 576 numbers in base64. nginx takes no more than 4 KB as a fixed answer. */
export const embedding = JSON.stringify({
  object: 'list',
  data: [{ object: 'embedding', index: 0, embedding: 'QUFBQUFB'.repeat(384) }],
  model: 'text-embedding-3-small',
  usage: usageOf.embedding
})

const head = { id, object: 'chat.completion.chunk', created, model, service_tier: 'default', system_fingerprint: 'fp_a1b2c3d4e5' }

/** One event of a streamed chat completion. */
export function textEvent (content: string): string {
  return event({ ...head, choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }], usage: null })
}

/** The events after the last text: the finish, the usage, the end. */
export const closingEvents: readonly string[] = [
  event({ ...head, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }], usage: null }),
  event({ ...head, choices: [], usage: usageOf.stream }),
  'data: [DONE]\n\n'
]

function event (data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`
}
