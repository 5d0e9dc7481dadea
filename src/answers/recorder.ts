import { Assembler } from '../openai/assemble.ts'
import type { Call } from '../openai/call.ts'
import type { ReadEvent } from '../openai/event-reader.ts'
import type { JsonBody } from '../openai/json-body.ts'
import { unfitness } from './storable.ts'
import type { Unfit } from './storable.ts'

/** Where a call went: what its fingerprint says. */
export interface Target {
  readonly upstream: string
  readonly model: string
}

/** Why an answer is not stored. */
export type Refusal = Unfit | 'incomplete' | 'fallback' | 'too-large' | 'malformed'

export type Recording =
  | { readonly storable: true, /** The final object's JSON. */ readonly body: Buffer }
  | { readonly storable: false, readonly reason: Refusal }

/** Bytes of a stream for one byte of the answer it comes to: a token of five bytes travels in an event of 200 to 300. */
const STREAM_OVERHEAD = 64

/** Listens to one answer on its way to the caller and says at the end whether it may be stored, and as what. */
export class AnswerRecorder {
  readonly #call: Call
  readonly #target: Target
  readonly #maxBytes: number
  #body: JsonBody | null = null
  #assembler: Assembler | null = null

  /**
   * @param target where the fingerprint says that the call goes
   * @param maxBytes largest answer worth storing
   */
  constructor (call: Call, target: Target, maxBytes: number) {
    this.#call = call
    this.#target = target
    this.#maxBytes = maxBytes
  }

  /** A whole JSON answer, as the upstream sent it. It is stored verbatim. */
  json (body: JsonBody): void {
    this.#body = body
  }

  /** An event of a streamed answer, as the stream's reader understood it. */
  event (event: ReadEvent): void {
    this.#assembler ??= new Assembler(this.#call.endpoint, this.#maxBytes * STREAM_OVERHEAD)
    this.#assembler.add(event)
  }

  /**
   * @param complete the answer came to its end, and its caller was still there
   * @param answeredBy who answered: after a fallback not whom the fingerprint names
   */
  finish (complete: boolean, answeredBy: Target): Recording {
    if (!complete) return refused('incomplete')
    if (answeredBy.upstream !== this.#target.upstream || answeredBy.model !== this.#target.model) return refused('fallback')
    return this.#judge()
  }

  #judge (): Recording {
    if (this.#body !== null && this.#body.bytes.length > this.#maxBytes) return refused('too-large')
    const answer = this.#body?.object ?? this.#assembler?.finish() ?? null
    if (answer === null) return refused('malformed')
    const unfit = unfitness(this.#call, answer)
    if (unfit !== null) return refused(unfit)
    const body = this.#body?.bytes ?? Buffer.from(JSON.stringify(answer))
    return body.length > this.#maxBytes ? refused('too-large') : { storable: true, body }
  }
}

function refused (reason: Refusal): Recording {
  return { storable: false, reason }
}
