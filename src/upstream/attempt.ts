import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Connection } from './connection.ts'
import { connectionDied } from './failure.ts'

/** What an attempt reports, in order: `onHead`, any number of `onData`, then one `onEnd` or `onError`. */
export interface AttemptListener {
  onHead (attempt: Attempt, status: number, headers: IncomingHttpHeaders): void
  onData (chunk: Buffer): void
  onEnd (): void
  /** The connection failed, or `abort` was called. */
  onError (attempt: Attempt, error: Error): void
}

/** One request on one connection: undici's handler, reduced to what the relay needs. */
export class Attempt implements Dispatcher.DispatchHandler {
  /** Set by the connection that carries this attempt. */
  connection: Connection | null = null
  /** The final answer's status line and headers have come. */
  answered = false
  readonly #listener: AttemptListener
  #controller: Dispatcher.DispatchController | null = null
  #abortReason: Error | null = null
  #written = false
  #onReusedSocket = false
  #byteBack = false
  #connectionDied = false

  constructor (listener: AttemptListener) {
    this.#listener = listener
  }

  /**
   * Nothing can have been billed: the request was never written, or it was written to a keep-alive socket that the upstream had
   * already closed and no byte came back (RFC 9112 §9.3.1).
   */
  get unbilled (): boolean {
    return !this.#written || this.stale
  }

  /** Written to a keep-alive socket that the upstream had already closed. That says nothing about its health. One that was given up is not known to be. */
  get stale (): boolean {
    return this.#connectionDied && this.#written && this.#onReusedSocket && !this.#byteBack
  }

  abort (reason: Error): void {
    this.#abortReason = reason
    this.#controller?.abort(reason)
  }

  pause (): void {
    this.#controller?.pause()
  }

  resume (): void {
    this.#controller?.resume()
  }

  onRequestStart (controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#abortReason !== null) {
      controller.abort(this.#abortReason)
      return
    }
    this.#written = true
    this.#onReusedSocket = this.connection?.reused === true
  }

  onResponseStarted (): void {
    this.#byteBack = true
  }

  onResponseStart (_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    this.answered = true
    this.connection?.countAnswer()
    this.#listener.onHead(this, status, headers)
  }

  onResponseData (_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#listener.onData(chunk)
  }

  onResponseEnd (): void {
    this.#listener.onEnd()
  }

  onResponseError (_controller: Dispatcher.DispatchController, error: Error): void {
    this.#connectionDied = connectionDied(error)
    this.#listener.onError(this, error)
  }
}
