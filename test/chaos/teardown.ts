/** What starts something leaves word of how to end it: a test does so with its `t`. */
export interface Teardown {
  teardown (end: () => unknown): unknown
}

/** A place for such words outside a test. */
export class Teardowns implements Teardown {
  readonly #ends: Array<() => unknown> = []

  teardown (end: () => unknown): void {
    this.#ends.push(end)
  }

  /** Ends everything, the last first. */
  async run (): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end()
  }
}
