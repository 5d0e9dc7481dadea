import type { ServerResponse } from 'node:http'
import { OneWrite } from './one-write.ts'

const keepAliveComment = Buffer.from(': keep-alive\n\n')

export interface OutletOptions {
  /** Silence in ms after which a comment goes out. */
  readonly keepAliveInterval: number
  /** ms that a client may take no bytes. */
  readonly writeStallTimeout: number
  /** Before what is pending goes out: the last chance to add to it. */
  readonly onTurn: () => void
  /** The client has stopped reading: no more until `onDrain`. */
  readonly onFull: () => void
  readonly onDrain: () => void
  /** The client took no bytes for too long. */
  readonly onStall: () => void
}

/**
 * The client's end of one event stream. What comes within one tick goes out as one write (one chunk, one packet); silence is filled
 * with comments; a full socket is reported once, and a stuck one after a while. Callers write whole events only, so that a comment
 * never lands inside one.
 */
export class Outlet {
  readonly #raw: ServerResponse
  readonly #options: OutletOptions
  readonly #keepAlive: NodeJS.Timeout
  #pending: Buffer[] = []
  #scheduled = false
  #body: OneWrite | null = null
  #isHeadOut = false
  #full = false
  #stall: NodeJS.Timeout | null = null
  #closed = false

  constructor (raw: ServerResponse, options: OutletOptions) {
    this.#raw = raw
    this.#options = options
    this.#keepAlive = setTimeout(() => { this.#comment() }, options.keepAliveInterval)
    this.#keepAlive.unref()
  }

  /** Sends the head, together with whatever comes in the same tick. */
  open (status: number, headers: string[]): void {
    this.#raw.writeHead(status, headers)
    this.#body = new OneWrite(this.#raw)
    this.writeSoon()
  }

  write (events: readonly Buffer[]): void {
    if (this.#closed || events.length === 0) return
    for (const event of events) this.#pending.push(event)
    this.writeSoon()
  }

  /** At the end of this turn of the event loop, even where nothing is pending yet. */
  writeSoon (): void {
    if (this.#scheduled) return
    this.#scheduled = true
    process.nextTick(() => { this.#flush() })
  }

  /** Writes what is pending and ends the answer. */
  end (events: readonly Buffer[]): void {
    if (this.#closed) return
    for (const event of events) this.#pending.push(event)
    this.close()
    if (this.#body === null) return
    this.#body.end(this.#pending)
    cutOffAfter(this.#raw, this.#options.writeStallTimeout)
  }

  /** No comments any more: the client has the end of the stream. */
  stopComments (): void {
    clearTimeout(this.#keepAlive)
  }

  /** Stops timers; nothing is written any more. */
  close (): void {
    this.#closed = true
    clearTimeout(this.#keepAlive)
    if (this.#stall !== null) clearTimeout(this.#stall)
  }

  #flush (): void {
    this.#options.onTurn()
    this.#scheduled = false
    if (this.#closed || this.#body === null) return
    const pending = this.#pending
    if (pending.length === 0) {
      this.#flushHead()
      return
    }
    this.#isHeadOut = true
    this.#pending = []
    this.#keepAlive.refresh()
    if (!this.#body.write(pending)) this.#waitForDrain()
  }

  #flushHead (): void {
    if (!this.#isHeadOut) this.#raw.flushHeaders()
    this.#isHeadOut = true
  }

  #waitForDrain (): void {
    if (this.#full) return
    this.#full = true
    this.#options.onFull()
    this.#stall = setTimeout(() => { this.#stalled() }, this.#options.writeStallTimeout)
    this.#stall.unref()
    this.#raw.once('drain', () => {
      this.#full = false
      if (this.#stall !== null) clearTimeout(this.#stall)
      this.#stall = null
      if (!this.#closed) this.#options.onDrain()
    })
  }

  #stalled (): void {
    if (isWaiting(this.#raw)) this.#stall?.refresh()
    else this.#options.onStall()
  }

  #comment (): void {
    if (!this.#full) this.write([keepAliveComment])
    this.#keepAlive.refresh()
  }
}

/** Ends an answer with its last bytes, whose length the head told. */
export function endWithin (raw: ServerResponse, last: Buffer | null, stallTimeout: number): void {
  if (last === null) raw.end()
  else new OneWrite(raw).end([last])
  cutOffAfter(raw, stallTimeout)
}

/** A client that takes none of an answer's last bytes for `stallTimeout` ms is cut off: nothing else would end it, for the exchange is over. */
function cutOffAfter (raw: ServerResponse, stallTimeout: number): void {
  let left = raw.writableLength
  if (left === 0) return
  const check = setInterval(() => {
    if (raw.writableLength >= left && !isWaiting(raw)) raw.destroy()
    left = raw.writableLength
  }, stallTimeout)
  check.unref()
  raw.once('close', () => { clearInterval(check) })
}

/** An answer to a pipelined request has no socket until those before it are over: its client cannot take any of it. */
function isWaiting (raw: ServerResponse): boolean {
  return raw.socket === null
}
