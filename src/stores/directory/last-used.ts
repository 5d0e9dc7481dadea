import type { Records } from './records.ts'

/** When keys were last used: noted in memory on every request, stored by `flush`. */
export class LastUsed {
  readonly #records: Records
  readonly #now: () => number
  #noted = new Map<string, number>()

  constructor (records: Records, now: () => number) {
    this.#records = records
    this.#now = now
  }

  note (id: string): void {
    this.#noted.set(id, this.#now())
  }

  /** What is noted here, or else what is stored. */
  async read (ids: readonly string[]): Promise<Array<number | null>> {
    const stored = await this.#records.stamps(ids)
    return ids.map((id, index) => this.#noted.get(id) ?? stored[index] ?? null)
  }

  /** Stores what was noted since the last time. What can't be stored now is kept for the next time. */
  async flush (): Promise<void> {
    if (this.#noted.size === 0) return
    const noted = this.#noted
    this.#noted = new Map()
    try {
      await this.#records.stamp(noted)
    } catch (error) {
      this.#noted = new Map([...noted, ...this.#noted])
      throw error
    }
  }
}
