/** Questions that several ask at a time and that are put once. */
export class Shared<Answer> {
  readonly #asked = new Map<string, Promise<Answer>>()

  /** What is being found out about `key` already, or what `ask` finds out now. */
  get (key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const there = this.#asked.get(key)
    if (there !== undefined) return there
    const answer = ask().finally(() => { this.#asked.delete(key) })
    this.#asked.set(key, answer)
    return answer
  }
}
