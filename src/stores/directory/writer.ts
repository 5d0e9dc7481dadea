import { setTimeout as sleep } from 'node:timers/promises'
import { DirectoryError } from './directory-error.ts'
import type { Actor, AuditEntry } from './objects.ts'
import type { Records } from './records.ts'
import { Transaction } from './transaction.ts'

/** Other processes may be faster this often before a writer gives up, about a second later. */
const maxAttempts = 32
/** Each time a writer that was too slow waits up to this much longer, ms, so that not the same ones collide again. */
const longerWait = 2

export interface WriterOptions {
  readonly records: Records
  /** Unix seconds. */
  readonly now: () => number
  readonly onChange: (audit: readonly AuditEntry[]) => void
}

/** Makes changes to the directory one after the other, and again when another process was faster. */
export class Writer {
  readonly #options: WriterOptions
  #last: Promise<unknown> = Promise.resolve()

  constructor (options: WriterOptions) {
    this.#options = options
  }

  /** Runs `change` in a transaction and returns what it returns. It may run several times: it must do nothing but read and put. */
  write<Result> (by: Actor, change: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => this.#attempt(by, change))
    this.#last = result.catch(() => {})
    return result
  }

  async #attempt<Result> (by: Actor, change: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const { records, now, onChange } = this.#options
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const transaction = new Transaction(records, now())
      const result = await change(transaction)
      const decided = transaction.batch(by)
      if (decided === null) return result
      if (await records.commit(decided.batch)) {
        onChange(decided.audit)
        return result
      }
      await sleep(Math.random() * attempt * longerWait)
    }
    throw new DirectoryError('contended', 'Others kept changing the same objects. Try again.')
  }
}
