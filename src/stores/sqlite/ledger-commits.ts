import type { Database } from './database.ts'
import { LedgerFold } from './ledger-fold.ts'
import { decodeChanges, encodeChanges } from './ledger-journal.ts'
import type { Change, LimitersChange } from './ledger-journal.ts'

/** How many journaled changes are folded into the tables at once: about 1 ms of work, and 3 µs a change less than folding each tick. */
const foldSize = 256
/** Commits until the write-ahead log is moved into the file: some 16 MB. */
const checkpointEvery = 2000

/**
 * - `process`: what was answered survives the end of the process.
 * - `power`: and a power cut.
 */
export type Durability = 'process' | 'power'

/**
 * Group commit: all changes of one turn of the event loop become one journal record, one commit and, for `power`, one sync off the
 * main thread. Nobody is answered before the commit that has his change.
 */
export class LedgerCommits {
  readonly #db: Database
  readonly #durability: Durability
  readonly #takeLimiters: () => LimitersChange['states']
  readonly #checkpoint: () => Promise<void>
  readonly #tables: LedgerFold
  /** Not committed yet. */
  #fresh: Change[] = []
  /** Committed to the journal, not folded yet. */
  #journaled: Change[] = []
  /** Settled with the next commit, for all who wait for it. */
  #next: PromiseWithResolvers<void> | null = null
  #scheduled = false
  #paused = false
  #failed = false
  #commits = 0
  #syncing: Promise<void> = Promise.resolve()

  /**
   * @param takeLimiters the limiters that changed since the last call, as they are now
   * @param checkpoint moves the write-ahead log into the file, in another thread
   */
  constructor (db: Database, durability: Durability, takeLimiters: () => LimitersChange['states'], checkpoint: () => Promise<void>) {
    this.#db = db
    this.#tables = new LedgerFold(db)
    this.#takeLimiters = takeLimiters
    this.#durability = durability
    this.#checkpoint = checkpoint
    db.run('PRAGMA wal_autocheckpoint = 0')
  }

  /** The last commit failed: what it should have written waits for the next one. */
  get failed (): boolean {
    return this.#failed
  }

  /** Folds what a crash left in the journal. */
  recover (): void {
    this.#journaled = this.#db.all('SELECT changes FROM ledger_journal ORDER BY id').flatMap(({ changes }) => decodeChanges(String(changes)))
    this.fold()
  }

  add (change: Change): void {
    this.#fresh.push(change)
  }

  /** Takes back a reservation that could not be committed. False: it is committed, and only its sync failed. */
  remove (rid: string): boolean {
    const before = this.#fresh.length
    this.#fresh = this.#fresh.filter(change => change.type !== 'open' || change.rid !== rid)
    return this.#fresh.length < before
  }

  /** Resolves when every change that was added is durable. Rejects with StoreUnavailableError: then they are tried again with the next ones. */
  committed (): Promise<void> {
    this.#next ??= Promise.withResolvers<void>()
    this.#schedule()
    return this.#next.promise
  }

  /** Commits now, and brings the tables up to date. Throws StoreUnavailableError. */
  fold (): void {
    if (this.#journaled.length + this.#fresh.length > 0) this.#commit(0)
  }

  #schedule (): void {
    if (this.#scheduled || this.#paused) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  #flush (): void {
    if (this.#paused) return
    const waiting = this.#next
    this.#next = null
    try {
      this.#commit(foldSize)
      this.#failed = false
    } catch (error) {
      this.#failed = true
      waiting?.reject(error)
      return
    }
    if (this.#durability === 'process') waiting?.resolve()
    else void this.#sync().then(() => { waiting?.resolve() }, error => { waiting?.reject(error) })
    if (this.#commits >= checkpointEvery) void this.#tidy()
  }

  #commit (most: number): void {
    const states = this.#takeLimiters()
    if (states.length > 0) this.add({ type: 'limiters', states })
    const changes = this.#fresh
    const all = this.#journaled.length + changes.length
    if (changes.length === 0 && most > 0) return
    if (all < most) {
      this.#db.run('INSERT INTO ledger_journal (changes) VALUES (?)', encodeChanges(changes))
      this.#journaled.push(...changes)
    } else {
      const unfolded = [...this.#journaled, ...changes]
      this.#db.transaction(() => {
        this.#tables.write(unfolded)
        this.#db.run('DELETE FROM ledger_journal')
        return true
      })
      this.#tables.committed(unfolded)
      this.#journaled = []
    }
    this.#fresh = []
    this.#commits++
  }

  /** One sync at a time; those who come while one runs share the next. */
  #sync (): Promise<void> {
    const next = this.#syncing.then(() => this.#db.sync())
    this.#syncing = next.catch(() => {})
    return next
  }

  /**
   * The first checkpoint does the work beside the commits. Only one that finds nothing new at its end lets the log start over, so
   * commits wait, for a moment and without blocking, for a second one.
   */
  async #tidy (): Promise<void> {
    this.#commits = 0
    try {
      await this.#checkpoint()
      this.#paused = true
      await this.#checkpoint()
    } catch {
      // The log grows on; the next round tries again.
    } finally {
      this.#paused = false
      this.#schedule()
    }
  }
}
