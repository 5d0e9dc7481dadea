import type { Denial } from '../metering/limits.ts'
import type { Call, Endpoint } from '../openai/call.ts'
import type { GatewayError } from '../openai/errors.ts'
import type { JsonBody } from '../openai/json-body.ts'
import type { Outcome, Tap } from '../upstream/exchange.ts'

/** What the answer store had for a request (`x-tollgate-cache`). */
export type CacheResult = 'hit' | 'miss' | 'refresh' | 'bypass'

/**
 * What is known of one request, gathered once for everyone who reports it. It sees the answer go by as a tap. Holds no body, no
 * header and no secret. Points in time are ms of the monotonic clock, durations are ms.
 */
export class RequestFacts implements Tap {
  readonly id: string
  readonly method: string
  /** The route's pattern, or null for an unknown one. */
  readonly route: string | null
  readonly startedAt = performance.now()

  /** Known once the key is checked, and the body is read. */
  projectId: string | null = null
  keyId: string | null = null
  endpoint: Endpoint | null = null
  model: string | null = null
  stream = false
  /** What it uses is known later. */
  background = false

  /** When an upstream was asked. */
  relayedAt: number | null = null
  /** How that ended. */
  outcome: Outcome | null = null
  /** Bytes of the upstream's answer so far. */
  bytes = 0

  /** What the request is billed, nano-USD: set by the meter, before that the provider's own figure. Null is unknown. */
  costNanoUsd: number | null = null
  /** Set by the answer store's link; null where answers are not looked up. */
  cache: CacheResult | null = null
  /** Why the request was refused by a limit: set by the limits' link. */
  deniedBy: Denial | null = null

  /** What the gateway added before the first byte of the answer; null when there was no answer. */
  overheadMs: number | null = null
  /** From the request to the end of its response; 0 until then. */
  totalMs = 0
  /** HTTP status on the wire; 0 until the end. */
  status = 0

  /** Where the live view keeps it while the request is open. */
  livePlace = -1

  #bodyAwaitedAt = 0
  #bodyMs = 0
  #upstreamBeforeHeadMs = 0
  #whole = false
  #failure: GatewayError | null = null
  #onSettled: (() => void) | null = null

  constructor (id: string, method: string, route: string | null) {
    this.id = id
    this.method = method
    this.route = route
  }

  calledBy (projectId: string, keyId: string): void {
    this.projectId = projectId
    this.keyId = keyId
  }

  asksFor ({ endpoint, model, stream, background }: Call): void {
    this.endpoint = endpoint
    this.model = model
    this.stream = stream
    this.background = background
  }

  /** From now on the client's body is waited for: that is the client's time. */
  awaitBody (): void {
    this.#bodyAwaitedAt = performance.now()
  }

  bodyRead (): void {
    this.#bodyMs = performance.now() - this.#bodyAwaitedAt
  }

  onStart (): void {
    this.relayedAt = performance.now()
  }

  onAnswer (kind: 'json' | 'stream'): void {
    if (kind === 'stream' && this.relayedAt !== null) this.#upstreamBeforeHeadMs = performance.now() - this.relayedAt
  }

  onBody ({ bytes }: JsonBody): void {
    this.bytes = bytes.length
  }

  onChunk (chunk: Buffer): void {
    this.bytes += chunk.length
  }

  onEnd (outcome: Outcome): void {
    this.outcome = outcome
    this.costNanoUsd ??= outcome.usage?.costNanoUsd ?? null
    if (this.#upstreamBeforeHeadMs === 0) this.#upstreamBeforeHeadMs = outcome.upstreamMs
    // After the other taps, which may know the cost.
    if (this.#onSettled !== null) setImmediate(this.#onSettled)
  }

  /**
   * The head of the answer is written now. Returns its timing headers: `openai-processing-ms` is all until now but for the time that
   * the client took to send its body, `x-tollgate-overhead-ms` that without the upstream's part.
   */
  head (): Record<string, string> {
    const processing = performance.now() - this.startedAt - this.#bodyMs
    this.overheadMs = Math.max(0, processing - this.#upstreamBeforeHeadMs)
    return { 'openai-processing-ms': String(Math.round(processing)), 'x-tollgate-overhead-ms': this.overheadMs.toFixed(2) }
  }

  /**
   * The response is closed; `whole` when all of it was handed to the client's connection. `done` is called when nothing more will
   * become known: an exchange may outlast its response, because `on_abort: drain` reads on when the client has left.
   */
  close (status: number, whole: boolean, failure: GatewayError | null, done: () => void): void {
    this.totalMs = performance.now() - this.startedAt
    this.status = status
    this.#whole = whole
    this.#failure = failure
    if (this.relayedAt === null || this.outcome !== null) done()
    else this.#onSettled = done
  }

  /** The failure that the client was told of, in the head or within the stream. */
  get error (): GatewayError | null {
    return this.outcome?.error ?? this.#failure
  }

  /** The client left before it had, or could have had, the whole answer. SDKs close as soon as they have read the last event: that is no leaving. */
  get left (): boolean {
    return this.outcome === null ? !this.#whole : this.outcome.result === 'cancelled'
  }

  /** How it ended: `2xx`, …, `499` for a client that left; of a stream that broke after its 200, the class of its error. */
  get statusClass (): string {
    if (this.left) return '499'
    const status = this.outcome?.result === 'failed' ? this.error?.statusCode ?? 502 : this.status
    return `${Math.floor(status / 100)}xx`
  }

  /** From the whole request to the first generated text of a stream; null when none came. */
  get firstTokenMs (): number | null {
    if (this.relayedAt === null || this.outcome === null || this.outcome.firstTokenMs === null) return null
    return this.relayedAt - this.startedAt - this.#bodyMs + this.outcome.firstTokenMs
  }
}
