import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import type { Answer, AnswerKey } from './answer-store.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** How the body lies in what is encrypted. */
const form = { compressed: 1, asItIs: 2 } as const
const cipher = 'aes-256-gcm'

// form, time of storing (ms), length of the body, nonce, tag; then the encrypted body
const timeAt = 1
const lengthAt = 7
const nonceAt = 11
const tagAt = 23
const bodyAt = 39

/** A seventh cheaper than the default level, and within 5 % of its size (measured: 1.5 to 30 KB of text). */
const fastest = { [constants.ZSTD_c_compressionLevel]: 1 }
/** Room for what a compressed body has besides its content, bytes. */
const frame = 64

/**
 * A smaller body is not compressed: that takes 55,000 instructions, most of them for a body of any size, and saves a few hundred bytes,
 * less than an entry takes besides its body.
 */
const WORTHWHILE_BYTES = 1024

/** Up to this size, (de)compression takes less than 1 ms and is not worth a trip to a thread (measured: 4 µs a KB). */
const SYNC_BYTES = 262_144

/**
 * The form in which answers lie in a store: compressed, then encrypted and authenticated (AES-256-GCM). An answer may quote its
 * prompt, and a store has readers and backups of its own. What was altered, cut, sealed under another secret, or moved here
 * from another key does not open.
 */
export class AnswerSeal {
  readonly #secret: KeyObject
  readonly #maxBytes: number
  readonly #nonces = new Nonces(tagAt - nonceAt)

  /**
   * @param secret 32 bytes
   * @param maxBytes largest body that is opened
   */
  constructor (secret: KeyObject, maxBytes: number) {
    this.#secret = secret
    this.#maxBytes = maxBytes
  }

  async seal (key: AnswerKey, { body, storedAt }: Answer): Promise<Buffer> {
    const isSmall = body.length < WORTHWHILE_BYTES
    const content = isSmall ? body : await compressed(body)
    const head = Buffer.alloc(bodyAt)
    head.writeUInt8(isSmall ? form.asItIs : form.compressed)
    head.writeUIntBE(storedAt, timeAt, 6)
    head.writeUInt32BE(body.length, lengthAt)
    this.#nonces.fill(head, nonceAt)
    const encryption = createCipheriv(cipher, this.#secret, head.subarray(nonceAt, tagAt)).setAAD(bound(key, head))
    const sealed = Buffer.concat([head, encryption.update(content)])
    encryption.final()
    encryption.getAuthTag().copy(sealed, tagAt)
    return sealed
  }

  /** Null for what is not an answer sealed under this key. */
  async open (key: AnswerKey, sealed: Buffer): Promise<Answer | null> {
    if (sealed.length < bodyAt || (sealed[0] !== form.compressed && sealed[0] !== form.asItIs)) return null
    const length = sealed.readUInt32BE(lengthAt)
    if (length > this.#maxBytes) return null
    try {
      const content = this.#decrypt(key, sealed)
      const body = sealed[0] === form.asItIs ? content : await decompressed(content, length)
      return { body, storedAt: sealed.readUIntBE(timeAt, 6) }
    } catch {
      return null
    }
  }

  #decrypt (key: AnswerKey, sealed: Buffer): Buffer {
    const decryption = createDecipheriv(cipher, this.#secret, sealed.subarray(nonceAt, tagAt))
    decryption.setAAD(bound(key, sealed)).setAuthTag(sealed.subarray(tagAt, bodyAt))
    const content = decryption.update(sealed.subarray(bodyAt))
    // In this mode, the end has no bytes of its own: it checks the tag.
    decryption.final()
    return content
  }
}

/** zstd sets itself up for the length it is told, and the output takes one piece: that makes a short body cheaper by a third (measured: 2 KB). */
async function compressed (body: Buffer): Promise<Buffer> {
  const options = { params: fastest, pledgedSrcSize: body.length, chunkSize: body.length + (body.length >>> 8) + frame }
  return body.length > SYNC_BYTES ? await compress(body, options) : zstdCompressSync(body, options)
}

/** @param length of the body */
async function decompressed (content: Buffer, length: number): Promise<Buffer> {
  const options = { chunkSize: length + frame }
  return length > SYNC_BYTES ? await decompress(content, options) : zstdDecompressSync(content, options)
}

/** Random bytes, each given out once, drawn many at a time: that takes a tenth. */
class Nonces {
  readonly #size: number
  readonly #drawn: Buffer
  #at: number

  constructor (size: number) {
    this.#size = size
    this.#drawn = Buffer.alloc(size * 256)
    this.#at = this.#drawn.length
  }

  fill (target: Buffer, at: number): void {
    if (this.#at === this.#drawn.length) {
      randomFillSync(this.#drawn)
      this.#at = 0
    }
    const start = this.#at
    this.#at += this.#size
    this.#drawn.copy(target, at, start, this.#at)
  }
}

/** What the seal vouches for besides the body: the head, and where it belongs. */
function bound ({ project, fingerprint }: AnswerKey, sealed: Buffer): Buffer {
  return Buffer.concat([sealed.subarray(0, nonceAt), Buffer.from(JSON.stringify([project, fingerprint]))])
}
