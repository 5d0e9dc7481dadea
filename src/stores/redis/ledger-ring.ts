import type { Reservation } from '../../metering/reservation.ts'
import type { Outcome, RowKind } from '../../metering/row.ts'

/** How far behind a replica of Redis may be when it takes over, ms. */
const keptMs = 60_000
/** Bytes. Endings are let go of a block at a time. */
const blockSize = 256 * 1024
/** Most bytes kept: 30,000 endings of a key with five limits on requests and tokens, 50,000 without any. Beyond 500 a second the ring reaches back less than a minute. */
const maxSize = 32 * 2 ** 20
const separator = '\n'

/** How a request ended, complete enough to be said again. */
export interface Said {
  readonly kind: RowKind
  readonly reservation: Reservation
  readonly outcome: Outcome
}

/** Endings as lines of JSON. */
interface Block {
  readonly bytes: Buffer
  used: number
  /** When the last of them was added. */
  newest: number
}

/**
 * The endings of the last minute, or a little more, that Redis acknowledged. A replica that takes over may not have them: then they are
 * said again. Measured with a replica 1.2 s behind: 1,423 of 7,065 acknowledged settlements were lost without, none with it.
 *
 * They are kept as bytes, because nobody reads most of them: as objects they were half of what the garbage collector moved to the old
 * generation, 0.9 KB a request. Writing one takes 2 µs.
 */
export class ReplayRing {
  readonly #blocks: Block[] = []
  #size = 0
  /** What was let go last, to be used again: else it would be given back only with the next full collection. */
  #spare: Buffer | null = null

  /** `now`: ms of a clock that never jumps. */
  add ({ kind, reservation, outcome }: Said, now: number): void {
    const line = JSON.stringify({ kind, reservation, outcome }) + separator
    const block = this.#blockFor(Buffer.byteLength(line))
    block.used += block.bytes.write(line, block.used)
    block.newest = now
    while (this.#isOver(now)) this.#letGo()
  }

  /** Everything of the last minute, oldest first. */
  all (): readonly Said[] {
    return this.#blocks.flatMap(({ bytes, used }) => bytes.toString('utf8', 0, used).split(separator).slice(0, -1).map(line => JSON.parse(line) as Said))
  }

  #blockFor (size: number): Block {
    const last = this.#blocks.at(-1)
    if (last !== undefined && last.bytes.length - last.used >= size) return last
    const block = { bytes: this.#bytesFor(size), used: 0, newest: 0 }
    this.#blocks.push(block)
    this.#size += block.bytes.length
    return block
  }

  #bytesFor (size: number): Buffer {
    const spare = this.#spare
    if (spare === null || spare.length < size) return Buffer.allocUnsafeSlow(Math.max(size, blockSize))
    this.#spare = null
    return spare
  }

  #letGo (): void {
    const oldest = this.#blocks.shift()
    if (oldest === undefined) return
    this.#size -= oldest.bytes.length
    this.#spare = oldest.bytes
  }

  /** Whether none of the oldest block need be kept any longer. */
  #isOver (now: number): boolean {
    const [oldest] = this.#blocks
    return oldest !== undefined && (oldest.newest < now - keptMs || this.#size > maxSize)
  }
}
