import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { JsonObject } from './json.ts'
import type { Magic } from './magic.ts'
import { documentedProblem, type Occasion, type Problem } from './problems.ts'
import type { RecordedRequest, Recorder } from './recorder.ts'
import type { ResponseStore } from './response-store.ts'

/** What all exchanges of one demo upstream share. */
export interface Demo {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds between two words of an answer. */
  readonly wordDelayMs: number
  /** The bearer key that callers must send; null when any will do. */
  readonly key: string | null
  readonly recorder: Recorder
  readonly responses: ResponseStore
  /** How often each model has been asked, for the magic that takes turns. */
  readonly turns: Map<string, number>
  /** A new unique id: 24 hexadecimal digits. */
  readonly nextId: () => string
}

/** One request and its answer. */
export interface Exchange {
  readonly demo: Demo
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Without query, without `/v1`, without a slash at the end. */
  readonly path: string
  readonly query: URLSearchParams
  readonly body: JsonObject
  readonly magic: Magic | null
  readonly record: RecordedRequest
  readonly id: string
  /** The connection has carried a request before. */
  readonly reused: boolean
}

export type Handler = (exchange: Exchange) => void

export function occasionOf (exchange: Exchange): Occasion {
  return { requestId: exchange.id, path: exchange.request.url ?? '', now: exchange.demo.now() }
}

/** Headers that every answer has. */
export function commonHeaders (exchange: Exchange): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { 'x-request-id': exchange.id, 'x-inference-id': exchange.id }
  const { clientRequestId } = exchange.record
  if (clientRequestId !== null) headers['x-client-request-id'] = clientRequestId
  return headers
}

/** Does something for an exchange. Whatever it throws ends this exchange, not the process. */
export function guarded (exchange: Exchange, act: () => void): void {
  try {
    act()
  } catch (error) {
    exchange.record.ending = 'cut'
    if (exchange.response.headersSent) exchange.response.destroy()
    else sendProblem(exchange, documentedProblem(500, String(error), occasionOf(exchange)))
  }
}

/** Answers at once, untouched by magic. */
export function send (exchange: Exchange, status: number, contentType: string, body: string, headers: OutgoingHttpHeaders = {}): void {
  exchange.response.writeHead(status, {
    ...commonHeaders(exchange),
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    ...headers
  })
  exchange.response.end(body)
}

export function sendJson (exchange: Exchange, value: object): void {
  send(exchange, 200, 'application/json; charset=utf-8', JSON.stringify(value))
}

export function sendProblem (exchange: Exchange, problem: Problem, headers: OutgoingHttpHeaders = {}): void {
  send(exchange, problem.status, problem.contentType, problem.body, headers)
}

/** Model names whose requests are counted. */
const maxTurns = 1_000

/** 1 for the first request of this model name, 2 for the second, … */
export function nextTurn (exchange: Exchange): number {
  const { turns } = exchange.demo
  const model = exchange.record.model ?? ''
  if (turns.size > maxTurns) turns.clear()
  const turn = (turns.get(model) ?? 0) + 1
  turns.set(model, turn)
  return turn
}

/** The model name in the answer. */
export function answeringModel (exchange: Exchange): string {
  const { magic } = exchange
  if (magic?.name === 'demo-other-model') return 'demo-somewhere-else'
  if (magic?.name === 'demo-fallback' && nextTurn(exchange) % 2 === 0) return 'demo'
  return exchange.record.model ?? ''
}
