import type { IncomingHttpHeaders } from 'node:http'
import { GatewayError } from '../openai/errors.ts'
import { errorOfUpstream } from '../openai/upstream-error.ts'
import { Attempt } from './attempt.ts'
import type { AttemptListener } from './attempt.ts'
import { failureOf } from './failure.ts'
import { restOf } from './key-rest.ts'
import type { UpstreamKey } from './key-ring.ts'
import type { RetryBudget } from './retry-budget.ts'
import type { Target } from './routing.ts'

/** What is to be sent, independent of where. */
export interface DeliveryRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Path and query below the base URL: `/chat/completions`. */
  readonly path: string
  /** Forwarded request headers, flat: name, value, name, value. */
  readonly headers: string[]
  /** The body for the target's model; null when there is none. */
  bodyFor (model: string | null): Buffer | null
  /** An upstream answers: no body will be asked for any more, so that a stream of minutes does not hold its prompt. */
  forgetBody (): void
  /** Tried in order, until one answers. At least one. */
  readonly targets: readonly Target[]
}

/** Takes the body of the answer. Exactly one of `onEnd` and `onBroken` comes last. */
export interface AnswerSink {
  onData (chunk: Buffer): void
  onEnd (): void
  onBroken (error: GatewayError): void
}

export interface DeliveryListener {
  /** A 2xx answer begins: where its body goes. */
  onAnswer (status: number, headers: IncomingHttpHeaders): AnswerSink
  /** No upstream gave a 2xx answer. */
  onFailure (error: GatewayError): void
}

/** An answer that is not 2xx, while its body is read. */
interface Refusal {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly chunks: Buffer[]
  bytes: number
}

/** Most bytes read of an upstream's error body. */
const maxErrorBytes = 65_536
/** Stale connections that one request tries, one after the other. */
const maxStaleRetries = 8

/**
 * Brings one request to an upstream: the first target, again on a stale or failed connection where nothing can have been
 * billed, with another key where one was refused, on the next target where an upstream failed. All of it before the first byte of an answer.
 */
export class Delivery implements AttemptListener {
  readonly #request: DeliveryRequest
  readonly #listener: DeliveryListener
  #targetIndex = 0
  #attempt: Attempt | null = null
  #key: UpstreamKey | null = null
  readonly #keysTried: UpstreamKey[] = []
  #retried = false
  #staleRetries = 0
  #isProbe = false
  #sink: AnswerSink | null = null
  #refusal: Refusal | null = null
  #over = false
  #holdsPlace = false
  #maybeBilled = false
  /** Requests written to upstreams. */
  attempts = 0

  constructor (request: DeliveryRequest, listener: DeliveryListener) {
    this.#request = request
    this.#listener = listener
  }

  get target (): Target {
    return this.#request.targets[this.#targetIndex] as Target
  }

  /** Something may have been billed: an answer began, or the last attempt was written and is neither refused nor known to be unread. */
  get dispatched (): boolean {
    return this.#maybeBilled || (this.#attempt !== null && this.#refusal === null && !this.#attempt.unbilled)
  }

  start (): void {
    this.#begin()
  }

  /** Stops reading and sending. Nothing is reported afterwards. */
  abort (reason: Error): void {
    if (this.#over) return
    this.#finish()
    const { breaker, traffic } = this.target.upstream
    if (this.#isProbe && this.#sink === null) breaker.probeLost()
    if (this.#attempt?.answered === false) traffic.answers.aborted++
    this.#attempt?.abort(reason)
  }

  pause (): void {
    this.#attempt?.pause()
  }

  resume (): void {
    this.#attempt?.resume()
  }

  onHead (attempt: Attempt, status: number, headers: IncomingHttpHeaders): void {
    if (this.#isStale(attempt)) return
    const { breaker, traffic } = this.target.upstream
    traffic.answered(status)
    if (status < 300) {
      breaker.success()
      this.#maybeBilled = true
      this.#request.forgetBody()
      this.#sink = this.#listener.onAnswer(status, headers)
    } else {
      this.#refusal = { status, headers, chunks: [], bytes: 0 }
    }
  }

  onData (chunk: Buffer): void {
    if (this.#over) return
    if (this.#sink !== null) {
      this.#sink.onData(chunk)
      return
    }
    const refusal = this.#refusal
    if (refusal === null) return
    refusal.bytes += chunk.length
    if (refusal.bytes <= maxErrorBytes) refusal.chunks.push(chunk)
    else this.#attempt?.abort(new Error('error body too large'))
  }

  onEnd (): void {
    if (this.#over) return
    if (this.#sink !== null) {
      this.#finish()
      this.#sink.onEnd()
    } else if (this.#refusal !== null) {
      this.#refused(this.#refusal)
    }
  }

  onError (attempt: Attempt, error: Error): void {
    if (this.#isStale(attempt)) return
    if (this.#refusal !== null) {
      this.#refused(this.#refusal)
      return
    }
    if (!attempt.stale) this.target.upstream.breaker.failure(performance.now())
    if (this.#sink !== null) {
      this.#finish()
      this.#sink.onBroken(failureOf(error))
      return
    }
    this.#unanswered(attempt, error)
  }

  #isStale (attempt: Attempt): boolean {
    return this.#over || attempt !== this.#attempt
  }

  /** Sends to the present target, or passes on to the next when it may not be used now. */
  #begin (): void {
    const { upstream } = this.target
    const now = performance.now()
    const admitted = upstream.breaker.admits(now)
    if (admitted === 'no') {
      this.#nextTargetOr(new GatewayError('upstream_unavailable', { headers: { 'retry-after': '1' } }))
      return
    }
    this.#isProbe = admitted === 'probe'
    this.#key = upstream.keys.next(now, this.#keysTried)
    this.#takePlace()
    this.#dispatch()
  }

  #dispatch (): void {
    const { upstream, model } = this.target
    const authorization = this.#key === null ? [] : ['authorization', `Bearer ${this.#key.value}`]
    this.#refusal = null
    this.attempts++
    this.#attempt = new Attempt(this)
    upstream.pool.dispatch({
      method: this.#request.method,
      path: upstream.basePath + this.#request.path,
      headers: this.#request.headers.concat(upstream.headers, authorization),
      body: this.#request.bodyFor(model)
    }, this.#attempt)
  }

  /** The connection failed before any answer. */
  #unanswered (attempt: Attempt, error: Error): void {
    const { budget, traffic } = this.target.upstream
    const failure = failureOf(error)
    traffic.answers.none++
    if (!attempt.unbilled) {
      this.#maybeBilled = true
      this.#fail(failure)
      return
    }
    if (this.#mayRetry(attempt, budget)) {
      traffic.retries.connection++
      this.#dispatch()
      return
    }
    if (attempt.stale && this.#isProbe) this.target.upstream.breaker.probeLost()
    this.#nextTargetOr(failure)
  }

  /** After a restart of the upstream every pooled connection is stale: those retries are free, for nothing was read of them. */
  #mayRetry (attempt: Attempt, budget: RetryBudget): boolean {
    if (attempt.stale) return ++this.#staleRetries <= maxStaleRetries
    if (this.#retried || !budget.tryRetry()) return false
    this.#retried = true
    return true
  }

  /** The upstream answered with something else than 2xx. */
  #refused ({ status, headers, chunks }: Refusal): void {
    const { upstream } = this.target
    const error = errorOfUpstream(status, headers, upstream.withoutKeys(Buffer.concat(chunks)), Date.now())
    const now = performance.now()
    const verdict = verdictOn(error)
    if (verdict === 'upstream') upstream.breaker.failure(now)
    else upstream.breaker.success()
    if (verdict === 'key' && this.#key !== null) {
      upstream.keys.rest(this.#key, now + restOf(error, headers))
      this.#keysTried.push(this.#key)
      if (this.#keysTried.length < upstream.keys.size) {
        upstream.traffic.retries.key++
        this.#giveBackPlace()
        this.#begin()
        return
      }
    }
    if (verdict === 'caller') this.#fail(error)
    else this.#nextTargetOr(error)
  }

  #nextTargetOr (error: GatewayError): void {
    this.#giveBackPlace()
    if (this.#targetIndex + 1 >= this.#request.targets.length) {
      this.#fail(error)
      return
    }
    this.target.upstream.traffic.retries.fallback++
    this.#targetIndex++
    this.#keysTried.length = 0
    this.#begin()
  }

  #fail (error: GatewayError): void {
    this.#finish()
    this.#listener.onFailure(error)
  }

  #finish (): void {
    this.#over = true
    this.#giveBackPlace()
  }

  #takePlace (): void {
    this.target.upstream.budget.begin()
    this.#holdsPlace = true
  }

  #giveBackPlace (): void {
    if (!this.#holdsPlace) return
    this.#holdsPlace = false
    this.target.upstream.budget.end(this.#retried)
    this.#retried = false
  }
}

/**
 * Whose business a refusal is, as `errorOfUpstream` understood it: a provider may wrap a caller's 400 in a 500. The key's: the
 * gateway's credential or its quota, and another credential may do.
 */
function verdictOn ({ code, statusCode }: GatewayError): 'caller' | 'key' | 'upstream' {
  if (code === 'upstream_auth_error' || code === 'upstream_rate_limited') return 'key'
  return statusCode < 500 ? 'caller' : 'upstream'
}
