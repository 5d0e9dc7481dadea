import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

/** How much of its memory this process uses. */
export class Memory {
  /** Bytes. */
  readonly limit: number

  /** @param processes that share the machine's memory, or the container's */
  constructor (processes: number) {
    // Outside of a container libuv names 2^64 bytes, or none.
    this.limit = Math.min(process.constrainedMemory() || Infinity, totalmem()) / processes
  }

  /** 0 to 1: the share of its part of the memory, or of the heap that V8 allows itself, whichever is nearer to its end. */
  get used (): number {
    const { used_heap_size: heap, heap_size_limit: heapLimit } = getHeapStatistics()
    return Math.max(process.memoryUsage.rss() / this.limit, heap / heapLimit)
  }
}
