import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import type { Answer, AnswerKey } from './answer-store.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

const version = 1
const cipher = 'aes-256-gcm'

// version, time of storing (ms), length of the body, nonce, tag; then the compressed and encrypted body
const timeAt = 1
const lengthAt = 7
const nonceAt = 11
const tagAt = 23
const bodyAt = 39

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

  /**
   * @param secret 32 bytes
   * @param maxBytes largest body that is opened
   */
  constructor (secret: KeyObject, maxBytes: number) {
    this.#secret = secret
    this.#maxBytes = maxBytes
  }

  async seal (key: AnswerKey, { body, storedAt }: Answer): Promise<Buffer> {
    const compressed = body.length > SYNC_BYTES ? await compress(body) : zstdCompressSync(body)
    const head = Buffer.alloc(bodyAt)
    head.writeUInt8(version)
    head.writeUIntBE(storedAt, timeAt, 6)
    head.writeUInt32BE(body.length, lengthAt)
    randomBytes(tagAt - nonceAt).copy(head, nonceAt)
    const encryption = createCipheriv(cipher, this.#secret, head.subarray(nonceAt, tagAt)).setAAD(bound(key, head))
    const encrypted = Buffer.concat([encryption.update(compressed), encryption.final()])
    encryption.getAuthTag().copy(head, tagAt)
    return Buffer.concat([head, encrypted])
  }

  /** Null for what is not an answer sealed under this key. */
  async open (key: AnswerKey, sealed: Buffer): Promise<Answer | null> {
    if (sealed.length < bodyAt || sealed[0] !== version) return null
    const length = sealed.readUInt32BE(lengthAt)
    if (length > this.#maxBytes) return null
    try {
      const compressed = this.#decrypt(key, sealed)
      const body = length > SYNC_BYTES ? await decompress(compressed) : zstdDecompressSync(compressed)
      return { body, storedAt: sealed.readUIntBE(timeAt, 6) }
    } catch {
      return null
    }
  }

  #decrypt (key: AnswerKey, sealed: Buffer): Buffer {
    const decryption = createDecipheriv(cipher, this.#secret, sealed.subarray(nonceAt, tagAt))
    decryption.setAAD(bound(key, sealed)).setAuthTag(sealed.subarray(tagAt, bodyAt))
    return Buffer.concat([decryption.update(sealed.subarray(bodyAt)), decryption.final()])
  }
}

/** What the seal vouches for besides the body: the head, and where it belongs. */
function bound ({ project, fingerprint }: AnswerKey, sealed: Buffer): Buffer {
  return Buffer.concat([sealed.subarray(0, nonceAt), Buffer.from(JSON.stringify([project, fingerprint]))])
}
