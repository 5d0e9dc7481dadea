import { GatewayError } from '../openai/errors.ts'
import type { StreamReader } from '../openai/stream.ts'
import type { AnswerSink } from './delivery.ts'
import type { Outlet } from './outlet.ts'

export interface StreamAnswerListener {
  /** So much of the upstream's stream is read now. */
  onBytes (bytes: Buffer): void
  /** Settles before the client's last byte. `then` is called once, now or later. */
  settle (result: 'complete' | 'failed', error: GatewayError | null, then: () => void): void
  /** The upstream needs not be read any further. */
  done (): void
}

/** How long an upstream may take to close after its terminal event, ms. The client has its answer by then. */
const lingerMs = 1000

/**
 * One event stream from upstream to client. The terminal event waits for the settlement; what breaks before it becomes an error
 * event; nothing is written after it but what the upstream itself still sends.
 *
 * What came within one turn of the event loop is read at its end, and all at once: undici hands out every HTTP chunk apart, and most upstreams
 * make a chunk of every event. Whatever decides how the stream ended reads first.
 */
export class StreamAnswer implements AnswerSink {
  readonly #reader: StreamReader
  readonly #outlet: Outlet
  readonly #listener: StreamAnswerListener
  #settling = false
  #settled = false
  #upstreamEnded = false
  #clientGone = false
  #linger: NodeJS.Timeout | null = null
  #arrived: Buffer[] = []

  constructor (reader: StreamReader, outlet: Outlet, listener: StreamAnswerListener) {
    this.#reader = reader
    this.#outlet = outlet
    this.#listener = listener
  }

  onData (chunk: Buffer): void {
    this.#arrived.push(chunk)
    this.#outlet.writeSoon()
  }

  /** Reads what has arrived. The outlet calls it before it writes. */
  read (): void {
    const arrived = this.#arrived
    if (arrived.length === 0) return
    this.#arrived = []
    const bytes = arrived.length === 1 ? arrived[0] as Buffer : Buffer.concat(arrived)
    this.#listener.onBytes(bytes)
    const events = this.#reader.push(bytes)
    if (!this.#settling) this.#write(events)
    if (!this.#reader.terminal) return
    if (this.#settled) this.#write(this.#reader.release())
    else this.#settleTerminal()
  }

  /** The upstream closed cleanly: complete if the reader says so, else cut short. */
  onEnd (): void {
    this.read()
    this.#upstreamEnded = true
    if (this.#reader.terminal) {
      if (this.#settled) this.#close()
      return
    }
    const last = this.#reader.finish()
    if (last === null) {
      this.onBroken(new GatewayError('upstream_disconnected'))
      return
    }
    const { error } = this.#reader
    this.#settle(error === null ? 'complete' : 'failed', error, () => { this.#end(last) })
  }

  /** The connection failed, or a deadline passed. After the terminal event that is no loss. */
  onBroken (error: GatewayError): void {
    this.read()
    if (this.#settling) {
      this.#upstreamEnded = true
      if (this.#settled) this.#close()
      return
    }
    this.#settle('failed', error, () => { this.#end([this.#reader.failure(error)]) })
  }

  /** The client has left: go on reading, write nothing. */
  leave (): void {
    this.#clientGone = true
    this.#outlet.close()
    if (this.#linger !== null) clearTimeout(this.#linger)
  }

  #settleTerminal (): void {
    if (this.#settling) return
    const { error } = this.#reader
    this.#settle(error === null ? 'complete' : 'failed', error, () => {
      if (this.#upstreamEnded) this.#close()
      else this.#awaitEnd()
    })
  }

  #settle (result: 'complete' | 'failed', error: GatewayError | null, then: () => void): void {
    this.#settling = true
    this.#listener.settle(result, error, () => {
      this.#settled = true
      then()
    })
  }

  /** The terminal event goes out at once; the end follows when the upstream closes, or shortly after. */
  #awaitEnd (): void {
    this.#write(this.#reader.release())
    this.#outlet.stopComments()
    this.#linger = setTimeout(() => {
      this.#listener.done()
      this.#close()
    }, lingerMs)
    this.#linger.unref()
  }

  #close (): void {
    if (this.#linger !== null) clearTimeout(this.#linger)
    const last = this.#reader.release()
    this.#end(last.concat(this.#reader.finish() ?? []))
  }

  #write (events: readonly Buffer[]): void {
    if (!this.#clientGone) this.#outlet.write(events)
  }

  #end (events: readonly Buffer[]): void {
    if (!this.#clientGone) this.#outlet.end(events)
  }
}
