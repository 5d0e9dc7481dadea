import type { IncomingHttpHeaders } from 'node:http'
import type { Endpoint } from '../openai/call.ts'
import { GatewayError } from '../openai/errors.ts'
import type { ReadEvent } from '../openai/event-reader.ts'
import { generatedBytes } from '../openai/generated.ts'
import { isEncoded, isEventStream, streamHeaders } from '../openai/headers.ts'
import { JsonBody } from '../openai/json-body.ts'
import { createStreamReader } from '../openai/stream.ts'
import type { StreamReader } from '../openai/stream.ts'
import { costHeader, usageOfBody } from '../openai/usage.ts'
import type { Usage } from '../openai/usage.ts'
import { Delivery } from './delivery.ts'
import type { AnswerSink, DeliveryListener } from './delivery.ts'
import type { Drains } from './drains.ts'
import type { Exchange, Outcome, RelaySettings, Tap } from './exchange.ts'
import { JsonAnswer } from './json-answer.ts'
import type { JsonAnswerListener } from './json-answer.ts'
import { endWithin, Outlet } from './outlet.ts'
import { StreamAnswer } from './stream-answer.ts'

/**
 * Carries one exchange from request to last byte: brings it to an upstream, passes the answer on as JSON or as a stream, keeps
 * the deadlines, notices a client that leaves, and tells the taps once how it ended, before the client's last byte.
 */
export class Relay implements DeliveryListener, JsonAnswerListener {
  readonly #exchange: Exchange
  readonly #settings: RelaySettings
  readonly #drains: Drains
  readonly #delivery: Delivery
  readonly #startedAt = performance.now()
  readonly #deadline: NodeJS.Timeout
  #firstByteMs: number | null = null
  #firstTokenMs: number | null = null
  #usage: Usage | null = null
  #outputBytes = 0
  #reader: StreamReader | null = null
  #stream: StreamAnswer | null = null
  #drainDeadline: NodeJS.Timeout | null = null
  #clientGone = false
  #told = false
  readonly #onOver: () => void

  /** @param onOver the exchange has been settled */
  constructor (exchange: Exchange, settings: RelaySettings, drains: Drains, onOver: () => void) {
    this.#exchange = exchange
    this.#settings = settings
    this.#drains = drains
    this.#onOver = onOver
    this.#delivery = new Delivery(exchange.request, this)
    this.#deadline = setTimeout(() => { this.#timedOut() }, settings.totalTimeout)
    this.#deadline.unref()
    exchange.client.raw.on('close', () => { this.#clientClosed() })
  }

  start (): void {
    const { taps, request, client } = this.#exchange
    if (client.raw.destroyed) {
      this.#clientClosed()
      return
    }
    for (const tap of taps) tap.onStart?.(request.headers)
    this.#delivery.start()
  }

  /** Ends an open stream with an error event, or an unanswered request with an error: the process is going down. */
  shutDown (error: GatewayError): void {
    this.#break(error)
  }

  onAnswer (status: number, headers: IncomingHttpHeaders): AnswerSink {
    this.#firstByteMs = performance.now() - this.#startedAt
    const isStream = isEventStream(headers)
    for (const tap of this.#exchange.taps) tap.onAnswer?.(isStream ? 'stream' : 'json', this.#delivery.target.upstream.name)
    if (isEncoded(headers) || (isStream && !this.#expectsStream)) return this.#refuseAnswer()
    if (isStream) return this.#openStream(headers)
    if (status === 204) return this.#emptySink(headers)
    return new JsonAnswer(headers, this.#settings.maxBodyBytes, this)
  }

  /** Routes without a model stream when the query says so, which is the upstream's to know. */
  get #expectsStream (): boolean {
    return this.#exchange.stream || this.#exchange.endpoint === null
  }

  #refuseAnswer (): AnswerSink {
    this.onBadAnswer(new GatewayError('upstream_invalid_response'))
    return { onData: () => {}, onEnd: () => {}, onBroken: () => {} }
  }

  onBadAnswer (error: GatewayError): void {
    this.#delivery.abort(error)
    this.onFailure(error)
  }

  onFailure (error: GatewayError): void {
    this.#settle('failed', error, () => { this.#fail(error) })
  }

  #openStream (headers: IncomingHttpHeaders): AnswerSink {
    const { client, endpoint, includeUsage, choices, taps } = this.#exchange
    const { upstream } = this.#delivery.target
    const reader = createStreamReader(streamEndpoint(endpoint), {
      includeUsage,
      choices,
      maxEventBytes: this.#settings.maxEventBytes,
      withoutKeys: said => upstream.withoutKeys(said),
      onEvent: listenerOf(taps)
    })
    const outlet = new Outlet(client.raw, {
      keepAliveInterval: this.#settings.keepAliveInterval,
      writeStallTimeout: this.#settings.writeStallTimeout,
      onTurn: () => { this.#readStream() },
      onFull: () => { this.#delivery.pause() },
      onDrain: () => { this.#delivery.resume() },
      onStall: () => { client.raw.destroy() }
    })
    const stream = new StreamAnswer(reader, outlet, {
      onBytes: bytes => { for (const tap of taps) tap.onChunk?.(bytes, reader.outputBytes) },
      settle: (result, error, then) => { this.#settle(result, error, then) },
      done: () => { this.#delivery.abort(new Error('the stream is over')) }
    })
    this.#reader = reader
    this.#stream = stream
    if (this.#clientGone) stream.leave()
    else outlet.open(200, client.takeOver(headers).concat(streamHeaders))
    return stream
  }

  #readStream (): void {
    try {
      this.#stream?.read()
      this.#noteFirstToken()
    } catch (cause) {
      this.#break(new GatewayError('internal_error', { cause }))
    }
  }

  /** A 204: fine where nothing is asked for (`DELETE`), no answer at all where something is. */
  #emptySink (headers: IncomingHttpHeaders): AnswerSink {
    const end = (): void => {
      if (this.#exchange.endpoint !== null) this.onFailure(new GatewayError('upstream_invalid_response'))
      else this.#settle('complete', null, () => { this.#send(204, headers, null) })
    }
    return { onData: () => {}, onEnd: end, onBroken: end }
  }

  onBody (bytes: Buffer, headers: IncomingHttpHeaders): void {
    const { endpoint, stream, taps } = this.#exchange
    const body = new JsonBody(this.#delivery.target.upstream.withoutKeys(bytes))
    if (endpoint !== null) this.#usage = usageOfBody(endpoint, body.bytes, headers[costHeader])
    if (stream) {
      // The caller cannot read it, but the upstream has made it and bills it.
      this.onFailure(new GatewayError('upstream_invalid_response'))
      return
    }
    if (endpoint !== null && this.#usage === null) this.#outputBytes = generatedBytes(endpoint, body)
    for (const tap of taps) tap.onBody?.(body)
    this.#settle('complete', null, () => { this.#send(200, headers, body.bytes) })
  }

  #send (status: number, upstreamHeaders: IncomingHttpHeaders, body: Buffer | null): void {
    if (this.#clientGone) return
    const { client } = this.#exchange
    const headers = client.takeOver(upstreamHeaders)
    if (body !== null) headers.push('content-type', 'application/json', 'content-length', String(body.length))
    client.raw.writeHead(status, headers)
    endWithin(client.raw, body, this.#settings.writeStallTimeout)
  }

  #fail (error: GatewayError): void {
    if (!this.#clientGone) this.#exchange.client.fail(error)
  }

  /** A close after the terminal event, or after the last byte, is success: SDKs close as soon as they have read `[DONE]`. */
  #clientClosed (): void {
    if (this.#exchange.client.raw.writableFinished) return
    this.#readStream()
    this.#clientGone = true
    this.#stream?.leave()
    if (this.#told) {
      this.#delivery.abort(new Error('the client has its answer'))
    } else if (this.#settings.onAbort === 'drain' && this.#firstByteMs !== null && this.#drains.take()) {
      this.#delivery.resume()
      this.#drainDeadline = setTimeout(() => { this.#cancel() }, this.#settings.drainTimeout)
      this.#drainDeadline.unref()
    } else {
      this.#cancel()
    }
  }

  #cancel (): void {
    this.#readStream()
    if (this.#told) return
    this.#delivery.abort(new Error('the client left'))
    this.#settle('cancelled', null, () => {})
  }

  #timedOut (): void {
    this.#break(new GatewayError('gateway_timeout'))
  }

  #break (error: GatewayError): void {
    if (this.#told) return
    this.#delivery.abort(error)
    if (this.#stream !== null) this.#stream.onBroken(error)
    else this.onFailure(error)
  }

  /** Tells the taps the end, once, and goes on when they are done with it. */
  #settle (result: Outcome['result'], error: GatewayError | null, then: () => void): void {
    if (this.#told) return
    this.#told = true
    clearTimeout(this.#deadline)
    this.#endDrain()
    const outcome = this.#outcome(result, error)
    // For this call, and for each tap that needs longer.
    let waits = 1
    const end = (): void => {
      if (--waits > 0) return
      then()
      this.#onOver()
    }
    for (const tap of this.#exchange.taps) {
      const wait = tap.onEnd(outcome)
      if (wait === undefined) continue
      waits++
      void wait.then(end)
    }
    end()
  }

  #endDrain (): void {
    if (this.#drainDeadline === null) return
    clearTimeout(this.#drainDeadline)
    this.#drains.giveBack()
  }

  #noteFirstToken (): void {
    if (this.#firstTokenMs === null && this.#reader !== null && this.#reader.outputBytes > 0) this.#firstTokenMs = performance.now() - this.#startedAt
  }

  #outcome (result: Outcome['result'], error: GatewayError | null): Outcome {
    // A whole stream may have come in one piece, whose end is told from within its push.
    this.#noteFirstToken()
    const { target, dispatched, attempts } = this.#delivery
    return {
      result: this.#clientGone && result === 'complete' ? 'cancelled' : result,
      error,
      upstream: target.upstream.name,
      upstreamModel: target.model,
      usage: this.#reader?.usage ?? this.#usage,
      outputBytes: this.#reader?.outputBytes ?? this.#outputBytes,
      answerId: this.#reader?.id ?? null,
      dispatched,
      attempts,
      firstByteMs: this.#firstByteMs,
      firstTokenMs: this.#firstTokenMs,
      upstreamMs: performance.now() - this.#startedAt
    }
  }
}

/** Null where nobody listens: most streams need not tell what is in them. */
function listenerOf (taps: readonly Tap[]): ((event: ReadEvent) => void) | null {
  if (!taps.some(tap => tap.onEvent !== undefined)) return null
  return event => {
    for (const tap of taps) tap.onEvent?.(event)
  }
}

/** Streams of routes without a model (`GET /responses/{id}?stream=true`) are response streams too. */
function streamEndpoint (endpoint: Endpoint | null): Endpoint {
  return endpoint ?? 'responses'
}
