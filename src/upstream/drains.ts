/** At a time: whoever asks and leaves, again and again, must not pile up answers for nobody. */
const maxDrains = 64

/** Answers that are read to their end although the client has left. */
export class Drains {
  #free = maxDrains

  /** Returns whether there is room for one more; if so, `giveBack` it. */
  take (): boolean {
    if (this.#free === 0) return false
    this.#free--
    return true
  }

  giveBack (): void {
    this.#free++
  }
}
