import { randomBytes } from 'node:crypto'
import { Places } from '../collections/places.ts'
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

/** The same of one process. */
export interface ProcessView extends LiveView {
  /** Tells this process from all others, and from those before it. */
  readonly process: string
  /** How many requests have ended. */
  readonly count: number
}

/** What a viewer has seen: of each process, the requests that ended up to a number. */
export type Cursor = Readonly<Record<string, number>>

interface Ended {
  readonly number: number
  readonly at: number
  readonly facts: RequestFacts
}

const maxOpenShown = 200
const maxEndedKept = 200
/** Refused requests are remembered longer: nothing else does. */
const maxRefusedKept = 1_000

/** The requests of this process that are in flight, and the last that ended: for a page that shows them. No contents, no secrets. */
export class LiveRequests {
  readonly #open = new Places<RequestFacts>()
  /** Their lines are made when someone looks. */
  readonly #ended: Ended[] = []
  readonly #refused: Ended[] = []
  readonly #process = randomBytes(4).toString('hex')
  #count = 0

  began (facts: RequestFacts): void {
    facts.livePlace = this.#open.add(facts)
  }

  ended (facts: RequestFacts): void {
    this.#open.remove(facts.livePlace)
    const ended = { number: ++this.#count, at: Date.now(), facts }
    keep(this.#ended, ended, maxEndedKept)
    if (facts.deniedBy !== null) keep(this.#refused, ended, maxRefusedKept)
  }

  /** One of the last requests that ended, or that a limit refused; null when it is none of them. */
  find (requestId: string): EndedRequest | null {
    const found = [...this.#ended, ...this.#refused].find(({ facts }) => facts.id === requestId)
    return found === undefined ? null : endedRequest(found)
  }

  /** @param seen what is left out */
  view (seen: Cursor): ProcessView {
    const known = seen[this.#process] ?? 0
    const now = performance.now()
    return {
      process: this.#process,
      count: this.#count,
      in_flight: this.#open.size,
      open: [...this.#open.values()].sort((a, b) => a.startedAt - b.startedAt).slice(0, maxOpenShown).map(facts => openRequest(facts, now)),
      ended: this.#ended.filter(({ number }) => number > known).map(endedRequest)
    }
  }
}

/** Several processes as one. */
export function mergeViews (views: readonly ProcessView[]): LiveView {
  return {
    in_flight: views.reduce((sum, view) => sum + view.in_flight, 0),
    open: views.flatMap(({ open }) => open).sort((a, b) => b.age_ms - a.age_ms).slice(0, maxOpenShown),
    ended: views.flatMap(({ ended }) => ended).sort((a, b) => a.at - b.at).slice(-maxEndedKept)
  }
}

/** What has been seen with these views. */
export function cursorAfter (views: readonly ProcessView[]): Cursor {
  return Object.fromEntries(views.map(({ process, count }) => [process, count]))
}

/** As the id of an event. */
export function printCursor (cursor: Cursor): string {
  return Object.entries(cursor).map(([process, count]) => `${process}-${count}`).join('.')
}

/** Anything else than a printed cursor has seen nothing. */
export function readCursor (text: string): Cursor {
  return Object.fromEntries([...text.matchAll(/([0-9a-f]{8})-(\d{1,15})/g)].map(([, process, count]) => [process, Number(count)]))
}

function keep (kept: Ended[], ended: Ended, most: number): void {
  kept.push(ended)
  if (kept.length > most) kept.shift()
}

function endedRequest ({ number, at, facts }: Ended): EndedRequest {
  return { number, at, ...requestLine(facts) }
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
