/** What went wrong without ending the bench. */
export class Failures {
  readonly #reasons = new Set<string>()

  get all (): readonly string[] {
    return [...this.#reasons]
  }

  /** Returns null, which stands for what is missing now. */
  add (error: unknown): null {
    const reason = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').slice(0, 400)
    if (!this.#reasons.has(reason)) say(`failed: ${reason}`)
    this.#reasons.add(reason)
    return null
  }

  /** Says what is being done, and does it; null when it fails. */
  async orNull<Result> (what: string, step: () => Promise<Result>): Promise<Result | null> {
    say(what)
    try {
      return await step()
    } catch (error) {
      return this.add(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

/** For whoever waits: the table goes to standard output. */
export function say (what: string): void {
  process.stderr.write(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${what}\n`)
}
