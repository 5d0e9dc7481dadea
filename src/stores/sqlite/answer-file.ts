import type { AnswerStats } from '../answer-store.ts'
import type { Database } from './database.ts'

const insertAnswer = 'INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?)'
const markUsed = 'UPDATE answers SET used_at = ? WHERE fingerprint = ?'
const measure = 'SELECT count(*) AS answers, coalesce(sum(bytes), 0) AS bytes FROM answers WHERE expires_at > ?'
const expired = 'expires_at <= ? LIMIT 16'
const leastUsed = 'true ORDER BY used_at LIMIT 8'
const ofFingerprint = 'fingerprint = ?'
/** So many that answers which are to be written meanwhile wait for some ms only. */
const ofProject = 'project = ? LIMIT 500'

/** An answer as it lies in the file. */
export interface StoredAnswer {
  readonly fingerprint: string
  readonly project: string
  readonly sealed: Uint8Array
  /** Unix ms. */
  readonly expiresAt: number
}

/** What is written in one transaction. */
export interface AnswerChanges {
  readonly stored: readonly StoredAnswer[]
  /** Fingerprints of answers that were read. */
  readonly used: readonly string[]
}

/** Everything that changes or counts the answers in a file. Runs in a thread of its own (`answer-worker.ts`). */
export class AnswerFile {
  readonly #db: Database
  #bytes: number

  constructor (db: Database) {
    this.#db = db
    this.#bytes = this.measure(0).bytes
  }

  /**
   * @param now Unix ms
   * @param maxBytes bound of all answers together. The least recently used go first.
   */
  write ({ stored, used }: AnswerChanges, now: number, maxBytes: number): void {
    const bytes = this.#bytes
    try {
      this.#db.transaction(() => {
        for (const fingerprint of used) this.#db.run(markUsed, now, fingerprint)
        this.#delete(expired, now)
        for (const answer of stored) this.#insert(answer, now)
        while (this.#bytes > maxBytes && this.#delete(leastUsed) > 0);
        return true
      })
    } catch (error) {
      this.#bytes = bytes
      throw error
    }
  }

  /** Deletes some answers of a project, and says how many: none when there are no more. */
  purge (project: string): number {
    return this.#delete(ofProject, project)
  }

  /** What has not expired. */
  measure (now: number, project?: string): AnswerStats {
    const row = project === undefined ? this.#db.get(measure, now) : this.#db.get(`${measure} AND project = ?`, now, project)
    return { answers: Number(row?.answers), bytes: Number(row?.bytes) }
  }

  #insert ({ fingerprint, project, sealed, expiresAt }: StoredAnswer, now: number): void {
    const insert = (): number => this.#db.run(insertAnswer, fingerprint, project, sealed, sealed.length, expiresAt, now)
    if (insert() === 0) {
      this.#delete(ofFingerprint, fingerprint)
      insert()
    }
    this.#bytes += sealed.length
  }

  /** How many rows went. */
  #delete (which: string, ...values: Array<string | number>): number {
    const rows = this.#db.all(`DELETE FROM answers WHERE rowid IN (SELECT rowid FROM answers WHERE ${which}) RETURNING bytes`, ...values)
    for (const { bytes } of rows) this.#bytes -= Number(bytes)
    return rows.length
  }
}
