import type { ServerResponse } from 'node:http'

/** So much goes out as text, which Node puts behind the head without a copy of its own. Bytes */
const shortBytes = 8192
const endOfChunks = '0\r\n\r\n'

/**
 * How the bytes of an answer go out, once its head is written: in one write each time. Node writes the head and a Buffer apart, and of
 * a chunk its length, its bytes and two line ends, each as a piece to allocate, queue and gather again: half of what passing on an event costs.
 */
export class OneWrite {
  readonly #raw: ServerResponse
  /** Of unknown length, and for a client that understands chunks (RFC 9112 §7.1). */
  readonly #chunked: boolean

  /** Chunks are framed here from now on, if Node chose them for this answer. */
  constructor (raw: ServerResponse) {
    this.#raw = raw
    this.#chunked = raw.chunkedEncoding
    raw.chunkedEncoding = false
  }

  /** @returns false when the client does not read as fast: 'drain' comes when it has. */
  write (pieces: readonly Buffer[]): boolean {
    this.#raw.cork()
    const wantsMore = this.#raw.write(this.#join(pieces, ''), 'latin1')
    this.#raw.uncork()
    return wantsMore
  }

  /** With the last bytes; there may be none. */
  end (pieces: readonly Buffer[]): void {
    this.#raw.end(this.#join(pieces, this.#chunked ? endOfChunks : ''), 'latin1')
  }

  #join (pieces: readonly Buffer[], end: string): string | Buffer {
    let bytes = 0
    for (const piece of pieces) bytes += piece.length
    const isChunk = this.#chunked && bytes > 0
    const before = isChunk ? `${bytes.toString(16)}\r\n` : ''
    const after = isChunk ? `\r\n${end}` : end
    return bytes > shortBytes ? joinLong(before, pieces, after) : joinShort(before, pieces, after)
  }
}

/** As latin1, where every character is a byte. */
function joinShort (before: string, pieces: readonly Buffer[], after: string): string {
  let text = before
  for (const piece of pieces) text += piece.toString('latin1')
  return text + after
}

function joinLong (before: string, pieces: readonly Buffer[], after: string): Buffer {
  const [first] = pieces
  if (first !== undefined && pieces.length === 1 && before === '' && after === '') return first
  return Buffer.concat([Buffer.from(before), ...pieces, Buffer.from(after)])
}
