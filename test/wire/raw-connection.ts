import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** One response as it came over the wire. */
export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** Longer than anything that should take time. What hangs fails by it. */
const patienceMs = 10_000

/** A client that sends exactly the bytes it is told to, and reads whatever comes back. */
export class RawConnection {
  readonly #socket: Socket
  /** latin1, so that an index is a byte offset. */
  #received = ''
  #ended = false

  private constructor (socket: Socket) {
    this.#socket = socket
    socket.on('data', chunk => { this.#received += chunk.toString('latin1') })
    socket.on('error', () => {})
    for (const event of ['end', 'close']) socket.once(event, () => { this.#ended = true })
  }

  static async open (url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  /** Text is sent as latin1. */
  send (bytes: string | Buffer): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Sends all of it before anything is read, as clients do that do not read while they write. */
  async sendBlindly (bytes: string): Promise<void> {
    this.#socket.pause()
    await new Promise(resolve => this.#socket.write(bytes, resolve))
    this.#socket.resume()
  }

  /** The next response, interim ones (1xx) included. `toHead`: it answers a HEAD request, and has no body. */
  async answer (toHead = false): Promise<Answer> {
    for (;;) {
      const taken = takeAnswer(this.#received, this.#ended, toHead)
      if (taken !== null) {
        this.#received = this.#received.slice(taken.length)
        return taken.answer
      }
      if (this.#ended) throw new Error(`the connection was closed without an answer: ${JSON.stringify(this.#received.slice(0, 200))}`)
      await this.#change()
    }
  }

  /** Waits until this text has come, and leaves it unread. */
  async until (text: string): Promise<void> {
    while (!this.#received.includes(text)) {
      if (this.#ended) throw new Error(`the connection was closed before ${JSON.stringify(text)}`)
      await this.#change()
    }
  }

  /** Waits until the other side closes, and returns what came until then. */
  async rest (): Promise<string> {
    while (!this.#ended) await this.#change()
    return this.#received
  }

  /** Waits until the other side closes, and returns every answer that came, of which the last may be cut off. */
  async all (): Promise<Answer[]> {
    await this.rest()
    const answers: Answer[] = []
    for (;;) {
      const taken = takeAnswer(this.#received, true, false)
      if (taken === null) return answers
      this.#received = this.#received.slice(taken.length)
      answers.push(taken.answer)
    }
  }

  /** What has come and was not asked for. */
  get unread (): string {
    return this.#received
  }

  /** Says that nothing more will be sent, and goes on reading. */
  end (): void {
    this.#socket.end()
  }

  destroy (): void {
    this.#socket.destroy()
  }

  /** Closes with a reset instead of an orderly end. */
  reset (): void {
    this.#socket.resetAndDestroy()
  }

  async #change (): Promise<void> {
    const given = new AbortController()
    const signal = AbortSignal.any([given.signal, AbortSignal.timeout(patienceMs)])
    try {
      await Promise.race(['data', 'end', 'close'].map(event => once(this.#socket, event, { signal })))
    } catch (cause) {
      throw new Error(`nothing came for ${patienceMs} ms after ${JSON.stringify(this.#received.slice(0, 200))}`, { cause })
    } finally {
      given.abort()
    }
  }
}

interface Taken {
  readonly answer: Answer
  /** Bytes. */
  readonly length: number
}

function takeAnswer (received: string, ended: boolean, toHead: boolean): Taken | null {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd < 0) return null
  const [statusLine = '', ...lines] = received.slice(0, headEnd).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1] ?? Number.NaN)
  if (Number.isNaN(status)) throw new Error(`not a status line: ${JSON.stringify(statusLine.slice(0, 200))}`)
  const headers = new Map(lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
  const start = headEnd + 4
  const body = toHead || status < 200 ? { text: '', length: 0 } : takeBody(received.slice(start), headers, ended)
  if (body === null) return null
  return { answer: { status, headers, body: Buffer.from(body.text, 'latin1').toString() }, length: start + body.length }
}

function takeBody (received: string, headers: Answer['headers'], ended: boolean): { text: string, length: number } | null {
  const length = headers.get('content-length')
  if (length !== undefined) {
    const bytes = Number(length)
    return received.length < bytes ? null : { text: received.slice(0, bytes), length: bytes }
  }
  if (headers.get('transfer-encoding') === 'chunked') return takeChunks(received)
  return ended ? { text: received, length: received.length } : null
}

function takeChunks (received: string): { text: string, length: number } | null {
  let text = ''
  let at = 0
  for (;;) {
    const lineEnd = received.indexOf('\r\n', at)
    if (lineEnd < 0) return null
    const size = Number.parseInt(received.slice(at, lineEnd), 16)
    const next = lineEnd + 2 + size + 2
    if (received.length < next) return null
    if (size === 0) return { text, length: next }
    text += received.slice(lineEnd + 2, lineEnd + 2 + size)
    at = next
  }
}
