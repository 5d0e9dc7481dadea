import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { StoreUnavailableError } from '../unavailable.ts'

export type Row = Readonly<Record<string, SQLInputValue>>

/** Another process (the command line) may be writing; its transactions are short, ms. */
const busyTimeout = 1_000

export const inMemory = ':memory:'

/** A SQLite file whose statements are prepared once and whose every failure is a StoreUnavailableError. */
export class Database {
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #name: string
  #log: FileHandle | undefined
  readonly #statements = new Map<string, StatementSync>()

  /** @param name what is stored there, for error messages */
  constructor (path: string, schema: string, name: string) {
    this.#path = path
    this.#name = name
    this.#db = this.#guard(() => new DatabaseSync(path, { timeout: busyTimeout }))
    this.#guard(() => this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${schema}`))
  }

  get (sql: string, ...values: SQLInputValue[]): Row | null {
    return this.#guard(() => this.#prepared(sql).get(...values) as Row | undefined ?? null)
  }

  all (sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#guard(() => this.#prepared(sql).all(...values) as Row[])
  }

  /** @returns the number of rows that changed */
  run (sql: string, ...values: SQLInputValue[]): number {
    return this.#guard(() => Number(this.#prepared(sql).run(...values).changes))
  }

  /** Does the work in one transaction, which is rolled back when the work throws or returns false. */
  transaction (work: () => boolean): boolean {
    this.run('BEGIN IMMEDIATE')
    try {
      const done = work()
      this.run(done ? 'COMMIT' : 'ROLLBACK')
      return done
    } catch (error) {
      if (this.#db.isTransaction) this.run('ROLLBACK')
      throw error
    }
  }

  /**
   * Resolves when all that was committed before is on the disk. With `synchronous = NORMAL` a commit only writes to the write-ahead
   * log; syncing that file here, off the main thread, makes the commit survive a power cut without the event loop waiting for a disk.
   */
  async sync (): Promise<void> {
    if (this.#path === inMemory) return
    try {
      this.#log ??= await open(`${this.#path}-wal`)
      await this.#log.datasync()
    } catch (cause) {
      throw new StoreUnavailableError(this.#name, cause)
    }
  }

  async close (): Promise<void> {
    await this.#log?.close()
    if (this.#db.isOpen) this.#db.close()
  }

  #prepared (sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #guard<Result> (work: () => Result): Result {
    try {
      return work()
    } catch (cause) {
      throw new StoreUnavailableError(this.#name, cause)
    }
  }
}
