/** The bytes of `block` from `start` up to `end`. */
export interface Stretch {
  readonly block: Buffer
  readonly start: number
  readonly end: number
}

/** Collects stretches of blocks of bytes. Neighbours in one block leave as one view, a whole block as itself: nothing is copied. */
export class ByteRuns {
  #buffers: Buffer[] = []
  #block: Buffer | null = null
  #start = 0
  #end = 0

  add ({ block, start, end }: Stretch): void {
    if (block === this.#block && start === this.#end) {
      this.#end = end
      return
    }
    this.#flush()
    this.#block = block
    this.#start = start
    this.#end = end
  }

  take (): Buffer[] {
    this.#flush()
    const buffers = this.#buffers
    this.#buffers = []
    return buffers
  }

  #flush (): void {
    if (this.#block !== null && this.#end > this.#start) {
      const whole = this.#start === 0 && this.#end === this.#block.length
      this.#buffers.push(whole ? this.#block : this.#block.subarray(this.#start, this.#end))
    }
    this.#block = null
  }
}
