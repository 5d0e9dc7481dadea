import { EventEmitter, once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { tokensOfBytes } from './text.ts'

/**
 * How a request ended. `finished`: the answer went out whole, an error answer too. `aborted`: the caller left first.
 * `cut`: a magic model broke the answer off. `open`: it has not ended.
 */
export type Ending = 'open' | 'finished' | 'aborted' | 'cut'

/** What is known of a request. It grows until `ending` is no longer `open`. */
export interface RecordedRequest {
  /** 1 for the first request of this upstream. */
  readonly n: number
  readonly method: string
  /** As it came, with its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Milliseconds since 1970. */
  readonly receivedAt: number
  readonly clientRequestId: string | null
  /** The bytes as they came; empty until they are all there. */
  body: Buffer
  model: string | null
  /** Tokens of the whole answer, as its usage says: 0 for errors. */
  promptTokens: number
  completionTokens: number
  /** Bytes of generated text that have been written so far. */
  emittedBytes: number
  /** Tokens of that text, once the request has ended; when it finished, all of them. */
  emittedTokens: number
  /** 0 when no header was sent. */
  httpStatus: number
  ending: Ending
}

export interface Totals {
  requests: number
  finished: number
  aborted: number
  cut: number
  promptTokens: number
  completionTokens: number
  emittedTokens: number
}

interface RecorderEvents {
  /** A request has been read, and is about to be answered. */
  request: [RecordedRequest]
  /** A request has ended, in whatever way. */
  ended: [RecordedRequest]
  /** A request has ended because its caller left. */
  aborted: [RecordedRequest]
}

/** Bytes of request bodies to keep. */
const maxBodyBytes = 64 * 1024 * 1024

/** The ground truth of a test: every request the upstream saw, in order, up to a bound. Emits what happens to them. */
export class Recorder extends EventEmitter<RecorderEvents> {
  readonly #maxRequests: number
  #requests: RecordedRequest[] = []
  #bodyBytes = 0
  #count = 0

  /** Remembers at most so many requests. When there are more, the oldest quarter is forgotten. */
  constructor (maxRequests: number) {
    super()
    this.setMaxListeners(0)
    this.#maxRequests = maxRequests
  }

  /** The requests remembered, oldest first. */
  get requests (): readonly RecordedRequest[] {
    return this.#requests
  }

  /** How many requests are no longer remembered: 0 or the totals are not the truth. */
  get forgotten (): number {
    return this.#count - this.#requests.length
  }

  /** A request's headers have arrived. */
  open (request: IncomingMessage, response: ServerResponse, receivedAt: number): RecordedRequest {
    const clientRequestId = request.headers['x-client-request-id']
    const record: RecordedRequest = {
      n: ++this.#count,
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      receivedAt,
      clientRequestId: typeof clientRequestId === 'string' ? clientRequestId : null,
      body: Buffer.alloc(0),
      model: null,
      promptTokens: 0,
      completionTokens: 0,
      emittedBytes: 0,
      emittedTokens: 0,
      httpStatus: 0,
      ending: 'open'
    }
    this.#requests.push(record)
    if (this.#requests.length > this.#maxRequests) this.#forget()
    response.once('close', () => this.#close(record, response))
    return record
  }

  /** The request has arrived whole. */
  read (record: RecordedRequest, body: Buffer, model: string | null): void {
    record.body = body
    record.model = model
    this.#bodyBytes += body.length
    if (this.#bodyBytes > maxBodyBytes) this.#forget()
    this.emit('request', record)
  }

  /** The record once its request has ended, which it may have already. */
  async ended (record: RecordedRequest): Promise<RecordedRequest> {
    while (record.ending === 'open') await once(this, 'ended')
    return record
  }

  /** Sums by any label, such as the model or the client request id. Requests without the label are left out. */
  totalsBy (label: (request: RecordedRequest) => string | null): Map<string, Totals> {
    const totals = new Map<string, Totals>()
    for (const request of this.#requests) {
      const name = label(request)
      if (name === null) continue
      const sum = totals.get(name) ?? emptyTotals()
      totals.set(name, sum)
      addTo(sum, request)
    }
    return totals
  }

  /** Starts afresh. */
  clear (): void {
    this.#requests = []
    this.#bodyBytes = 0
    this.#count = 0
  }

  /** One JSON line a request. */
  toJsonLines (): string {
    return this.#requests.map(request => JSON.stringify({
      n: request.n,
      path: request.path,
      model: request.model,
      client_request_id: request.clientRequestId,
      http_status: request.httpStatus,
      status: request.ending,
      prompt_tokens: request.promptTokens,
      completion_tokens: request.completionTokens,
      emitted_tokens: request.emittedTokens
    }) + '\n').join('')
  }

  #close (record: RecordedRequest, response: ServerResponse): void {
    record.httpStatus = response.headersSent ? response.statusCode : 0
    if (record.ending === 'open') record.ending = response.writableFinished ? 'finished' : 'aborted'
    record.emittedTokens = record.ending === 'finished' ? record.completionTokens : tokensOfBytes(record.emittedBytes)
    this.emit('ended', record)
    if (record.ending === 'aborted') this.emit('aborted', record)
  }

  #forget (): void {
    this.#requests.splice(0, Math.ceil(this.#requests.length / 4))
    this.#bodyBytes = this.#requests.reduce((sum, request) => sum + request.body.length, 0)
  }
}

function emptyTotals (): Totals {
  return { requests: 0, finished: 0, aborted: 0, cut: 0, promptTokens: 0, completionTokens: 0, emittedTokens: 0 }
}

function addTo (sum: Totals, request: RecordedRequest): void {
  sum.requests++
  if (request.ending !== 'open') sum[request.ending]++
  sum.promptTokens += request.promptTokens
  sum.completionTokens += request.completionTokens
  sum.emittedTokens += request.emittedTokens
}
