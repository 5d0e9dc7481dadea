import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { LoadRequest, Target } from '../stand/target.ts'

/** When one answer came, in ns since the request was written. */
export interface Timing {
  /** To the first text of a stream; of a JSON answer, to its first byte. */
  readonly firstText: number
  readonly whole: number
  /** Of each stamped event: from when the provider sent it to when it was here. */
  readonly underway: readonly number[]
}

const stamps = /@(\d+)/g

/** One keep-alive connection with one request in flight: what the gateway adds to the time of a single caller. */
export class Caller {
  readonly #socket: Socket
  readonly #bytes: Buffer

  private constructor (socket: Socket, request: LoadRequest) {
    this.#socket = socket
    this.#bytes = bytesOf(request)
  }

  static async connect (target: Target, request: LoadRequest): Promise<Caller> {
    const socket = connect({ port: target.port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new Caller(socket, request)
  }

  async call (): Promise<Timing> {
    const { promise, resolve, reject } = Promise.withResolvers<Timing>()
    const start = process.hrtime.bigint()
    let text = ''
    let firstText = 0
    const underway: number[] = []
    const onData = (chunk: Buffer): void => {
      const now = process.hrtime.bigint()
      const piece = chunk.toString('latin1')
      text += piece
      for (const [, stamp = '0'] of piece.matchAll(stamps)) underway.push(Number(now - BigInt(stamp)))
      if (firstText === 0 && hasContent(text)) firstText = Number(now - start)
      if (!isWhole(text)) return
      this.#socket.off('data', onData).off('close', onClose)
      resolve({ firstText, whole: Number(now - start), underway })
    }
    const onClose = (): void => { reject(new Error(`the connection was closed in the middle of an answer: ${text.slice(0, 200)}`)) }
    this.#socket.on('data', onData).once('close', onClose)
    this.#socket.write(this.#bytes)
    return await promise
  }

  close (): void {
    this.#socket.destroy()
  }
}

function bytesOf ({ path, headers, body }: LoadRequest): Buffer {
  const lines = Object.entries({ host: '127.0.0.1', ...headers, 'content-length': String(Buffer.byteLength(body)) }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

function hasContent (text: string): boolean {
  return text.includes('\r\n\r\n') && (text.includes('data: ') || !text.includes('text/event-stream'))
}

function isWhole (text: string): boolean {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return false
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, head))?.[1]
  return length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length >= head + 4 + Number(length)
}
