import { requestLine } from './log-line.ts'
import type { RequestLine } from './log-line.ts'
import type { RequestFacts } from './request-facts.ts'

/** A request that is being answered. */
export interface OpenRequest {
  readonly request_id: string
  readonly project: string | null
  readonly key: string | null
  readonly endpoint: string | null
  readonly model: string | null
  readonly stream: boolean
  readonly age_ms: number
  /** An upstream has been asked. */
  readonly relayed: boolean
  /** Of the upstream's answer, so far. */
  readonly bytes: number
}

/** A request that has ended, as the log has it. */
export interface EndedRequest extends RequestLine {
  /** 1, 2, 3, … since the start of the process. */
  readonly number: number
  /** Unix ms. */
  readonly at: number
}

/** What goes on now. */
export interface LiveView {
  readonly in_flight: number
  /** The oldest of them. */
  readonly open: readonly OpenRequest[]
  /** Oldest first. */
  readonly ended: readonly EndedRequest[]
}

interface Ended {
  readonly number: number
  readonly at: number
  readonly facts: RequestFacts
}

const maxOpenShown = 200
const maxEndedKept = 200

/** The requests of this process that are in flight, and the last that ended: for a page that shows them. No contents, no secrets. */
export class LiveRequests {
  readonly #open = new Set<RequestFacts>()
  /** Their lines are made when someone looks. */
  readonly #ended: Ended[] = []
  #count = 0

  began (facts: RequestFacts): void {
    this.#open.add(facts)
  }

  ended (facts: RequestFacts): void {
    this.#open.delete(facts)
    this.#ended.push({ number: ++this.#count, at: Date.now(), facts })
    if (this.#ended.length > maxEndedKept) this.#ended.shift()
  }

  /** @param after what ended up to this number is left out; a number of an earlier process is not known here */
  view (after: number): LiveView {
    const known = after <= this.#count ? after : 0
    const now = performance.now()
    return {
      in_flight: this.#open.size,
      open: [...this.#open].slice(0, maxOpenShown).map(facts => openRequest(facts, now)),
      ended: this.#ended.filter(({ number }) => number > known).map(({ number, at, facts }) => ({ number, at, ...requestLine(facts) }))
    }
  }
}

function openRequest (facts: RequestFacts, now: number): OpenRequest {
  return {
    request_id: facts.id,
    project: facts.projectId,
    key: facts.keyId,
    endpoint: facts.endpoint,
    model: facts.model,
    stream: facts.stream,
    age_ms: Math.round(now - facts.startedAt),
    relayed: facts.relayedAt !== null,
    bytes: facts.bytes
  }
}
