import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

/** A process that holds less than 45 % of its memory has room, whatever the system counts: see `usedWith`. */
const reuse = 2.2

/** How much of its memory this process uses. */
export class Memory {
  /** Bytes. */
  readonly #limit: number
  #resident = 0
  #held = 0
  #heap = 0

  /** @param processes that share the machine's memory, or the container's */
  constructor (processes: number) {
    // Outside of a container libuv names 2^64 bytes, or none.
    this.#limit = Math.min(process.constrainedMemory() || Infinity, totalmem()) / processes
  }

  /** Takes 0.2 ms. */
  look (): void {
    const { used_heap_size: used, heap_size_limit: limit, total_heap_size: total, external_memory: external } = getHeapStatistics()
    this.#resident = process.memoryUsage.rss()
    this.#held = total + external
    this.#heap = used / limit
  }

  /**
   * The share of its part of the memory that would be in use with so many bytes more, as of the last look; or of the heap that V8 allows
   * itself, if that is nearer to its end. What is in use is what the system counts, but no more than about twice what the program
   * holds: memory that was freed often stays with the process (150 of 256 MB after a burst of large bodies), and is used again.
   */
  usedWith (bytes: number): number {
    return Math.max(Math.min(this.#resident + bytes, (this.#held + bytes) * reuse) / this.#limit, this.#heap)
  }
}
