import { setImmediate } from 'node:timers/promises'
import type { Records } from './records.ts'

/** So few that the event loop is not held up for a millisecond. */
const stampsAtOnce = 200

/** When keys were last used: noted in memory on every request, stored by `flush`. */
export class LastUsed {
  readonly #records: Records
  readonly #now: () => number
  readonly #noted = new Map<string, number>()

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
    const noted = [...this.#noted]
    for (let from = 0; from < noted.length; from += stampsAtOnce) {
      const some = noted.slice(from, from + stampsAtOnce)
      await this.#records.stamp(new Map(some))
      for (const [id, at] of some) if (this.#noted.get(id) === at) this.#noted.delete(id)
      await setImmediate()
    }
  }
}
