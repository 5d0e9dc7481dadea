import { callId, type Completion } from './completion.ts'
import { doneEvent, type Part } from './delivery.ts'
import { logprobsOf } from './logprobs.ts'
import { piecesOf } from './text.ts'
import type { Reply } from './reply.ts'

/**
 * A chat completion as OpenAI streams it: role, content word by word, finish, usage if it was asked for, `[DONE]`.
 * The choices take turns.
 */
export function * chatEvents (completion: Completion): Iterable<Part> {
  const chunks = new Chunks(completion)
  yield * takingTurns(completion.replies.map((reply, index) => choiceEvents(chunks, completion, reply, index)))
  if ((completion.includeUsage && completion.usage !== null) || completion.meta !== null) yield chunks.accounts()
  yield { data: doneEvent, output: 0 }
}

/** How chat reports a failure within a stream. */
export function chatFailure (): Part {
  return event('{"error":{"message":"The model failed.","type":"server_error","param":null,"code":"server_error"}}')
}

function * choiceEvents (chunks: Chunks, completion: Completion, reply: Reply, index: number): Generator<Part> {
  const says = !reply.refused && reply.calls.length === 0
  yield chunks.delta(index, `{"role":"assistant","content":${says ? '""' : 'null'}}`)
  for (const piece of piecesOf(reply.reasoning)) yield chunks.text(index, 'reasoning_content', piece)
  for (const piece of piecesOf(reply.text)) yield chunks.text(index, says ? 'content' : 'refusal', piece)
  for (const [call, { name, arguments: args }] of reply.calls.entries()) {
    const id = callId(completion.id, index, call)
    yield chunks.toolCall(index, { index: call, id, type: 'function', function: { name, arguments: '' } }, '')
    for (const piece of piecesOf(args)) yield chunks.toolCall(index, { index: call, function: { arguments: piece } }, piece)
  }
  yield chunks.finish(index, reply.finish)
}

/** Writes chunks. What all of them share is made once. */
class Chunks {
  readonly #completion: Completion
  readonly #head: string
  readonly #tail: string

  constructor (completion: Completion) {
    this.#completion = completion
    const shared = JSON.stringify({
      id: completion.id,
      object: 'chat.completion.chunk',
      created: completion.created,
      model: completion.model,
      system_fingerprint: completion.fingerprint
    })
    this.#head = `data: ${shared.slice(0, -1)},"choices":[`
    this.#tail = completion.includeUsage ? '],"usage":null}\n\n' : ']}\n\n'
  }

  delta (index: number, delta: string, output = 0, logprobs = 'null'): Part {
    const choice = `{"index":${index},"delta":${delta},"logprobs":${logprobs},"finish_reason":null}`
    return { data: this.#head + choice + this.#tail, output }
  }

  text (index: number, field: 'content' | 'reasoning_content' | 'refusal', piece: string): Part {
    return this.delta(index, `{"${field}":${JSON.stringify(piece)}}`, Buffer.byteLength(piece), this.#logprobs(field, piece))
  }

  toolCall (index: number, call: object, args: string): Part {
    return this.delta(index, JSON.stringify({ tool_calls: [call] }), Buffer.byteLength(args))
  }

  finish (index: number, reason: string): Part {
    const choice = `{"index":${index},"delta":{},"logprobs":null,"finish_reason":"${reason}"}`
    return { data: this.#head + choice + this.#tail, output: 0 }
  }

  /** The chunk without choices: usage if it was asked for, and AIMLAPI's price if it is told. */
  accounts (): Part {
    const { usage, includeUsage, meta } = this.#completion
    const told = JSON.stringify({ ...includeUsage ? { usage } : {}, ...meta === null ? {} : { meta } })
    return { data: `${this.#head}],${told.slice(1)}\n\n`, output: 0 }
  }

  #logprobs (field: string, piece: string): string {
    const { logprobs } = this.#completion
    if (logprobs === null || field !== 'content') return 'null'
    return JSON.stringify({ content: logprobsOf([piece], logprobs), refusal: null })
  }
}

/**
 * A chat completion as AIMLAPI has streamed Claude since February 2026: usage on the finish chunk, asked for or not,
 * then a second finish without delta; the id only on the first chunk, the role on each; no `finish_reason` before the finish.
 */
export function * claudeEvents (completion: Completion): Iterable<Part> {
  const { id, created, model, usage, replies } = completion
  const reply = replies[0] as Reply
  const chunk = (fields: object, output = 0): Part =>
    event(JSON.stringify({ id: '', object: 'chat.completion.chunk', created, model, ...fields }), output)
  yield chunk({ id: `msg_${id}`, choices: [{ index: 0, delta: { role: 'assistant', content: '' } }], usage: null })
  for (const piece of piecesOf(reply.text)) {
    yield chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: piece } }], usage: null }, Buffer.byteLength(piece))
  }
  yield chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: reply.finish }], usage })
  yield chunk({ choices: [{ index: 0, finish_reason: reply.finish }], usage: null })
  yield { data: doneEvent, output: 0 }
}

function event (json: string, output = 0): Part {
  return { data: `data: ${json}\n\n`, output }
}

function * takingTurns (streams: readonly Generator<Part>[]): Iterable<Part> {
  let open = streams
  while (open.length > 0) {
    const still: Generator<Part>[] = []
    for (const stream of open) {
      const next = stream.next()
      if (next.done === true) continue
      yield next.value
      still.push(stream)
    }
    open = still
  }
}
