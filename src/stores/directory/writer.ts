import { DirectoryError } from './directory-error.ts'
import type { Actor, AuditEntry } from './objects.ts'
import type { Records } from './records.ts'
import { Transaction } from './transaction.ts'

/** Other processes may be faster this often before a writer gives up: more than there are replicas that administer at once. */
const maxAttempts = 16

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
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const transaction = new Transaction(records, now())
      const result = await change(transaction)
      const decided = transaction.batch(by)
      if (decided === null) return result
      if (await records.commit(decided.batch)) {
        onChange(decided.audit)
        return result
      }
    }
    throw new DirectoryError('contended', 'Others kept changing the same objects. Try again.')
  }
}
