import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { AnswerSeal } from '../answer-seal.ts'
import type { Answer, AnswerKey, AnswerStats, AnswerStore, Awaited, Claim, Lease, Resignation } from '../answer-store.ts'
import { Database, inMemory } from './database.ts'
import { LocalLeases } from './leases.ts'

const schema = readFileSync(new URL('./answer-schema.sql', import.meta.url), 'utf8')

const selectAnswer = 'SELECT sealed, expires_at, used_at FROM answers WHERE fingerprint = ?'
const insertAnswer = 'INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?)'
const markUsed = 'UPDATE answers SET used_at = ? WHERE fingerprint = ?'
const measure = 'SELECT count(*) AS answers, coalesce(sum(bytes), 0) AS bytes FROM answers WHERE expires_at > ?'
const expired = 'expires_at <= ? LIMIT 16'
const leastUsed = 'true ORDER BY used_at LIMIT 8'
const ofFingerprint = 'fingerprint = ?'
/** So many that the event loop waits for less than 5 ms. */
const ofProject = 'project = ? LIMIT 500'

/** A read is noted at most so often, ms: a note costs as much as a write. */
const useGranularity = 60_000

export interface SqliteAnswerSettings {
  readonly seal: AnswerSeal
  /** Bound of all answers together, in bytes as stored. The least recently used go first. */
  readonly maxBytes: number
  /** The clock, in Unix ms. */
  readonly now: () => number
}

/** An answer on its way into the file. */
interface Put {
  readonly lease: Lease
  readonly sealed: Buffer
  readonly ttlMs: number
  stored: boolean
}

/**
 * Answers in one SQLite file, for one process. What is put in one turn of the event loop shares a transaction, which costs more
 * than all else in it. The file should hold nothing else: a put takes 10 µs of the event loop, but only while nobody else holds
 * the file's lock.
 */
export class SqliteAnswerStore implements AnswerStore {
  readonly #db: Database
  readonly #leases = new LocalLeases()
  readonly #seal: AnswerSeal
  readonly #maxBytes: number
  readonly #now: () => number
  #bytes: number
  #puts: Put[] = []
  #writing: Promise<void> | null = null

  /** @param path of the file, which is made with its folder when it is missing; `:memory:` for tests */
  constructor (path: string, { seal, maxBytes, now }: SqliteAnswerSettings) {
    if (path !== inMemory) mkdirSync(dirname(path), { recursive: true })
    this.#db = new Database(path, schema, 'the answer store')
    this.#seal = seal
    this.#maxBytes = maxBytes
    this.#now = now
    this.#bytes = this.#measure(0).bytes
  }

  async get (key: AnswerKey): Promise<Answer | null> {
    const row = this.#db.get(selectAnswer, key.fingerprint)
    const now = this.#now()
    if (row === null || Number(row.expires_at) <= now) return null
    if (now - Number(row.used_at) >= useGranularity) this.#db.run(markUsed, now, key.fingerprint)
    return await this.#seal.open(key, Buffer.from(row.sealed as Uint8Array))
  }

  async claim (key: AnswerKey, ms: number, refresh: boolean): Promise<Claim> {
    const lease = this.#leases.claim(key, ms)
    if (lease === null) return { is: 'follower' }
    try {
      const answer = refresh ? null : await this.get(key)
      if (answer === null) return { is: 'leader', lease }
      this.#leases.end(lease, 'stored')
      return { is: 'stored', answer }
    } catch (error) {
      this.#leases.end(lease, 'vacant')
      throw error
    }
  }

  async renew (lease: Lease, ms: number): Promise<boolean> {
    return this.#leases.renew(lease, ms)
  }

  async put (lease: Lease, answer: Answer, ttlMs: number): Promise<boolean> {
    const sealed = await this.#seal.seal(lease, answer)
    const put = { lease, sealed, ttlMs, stored: false }
    this.#puts.push(put)
    await this.#written()
    return put.stored
  }

  async resign (lease: Lease, how: Resignation): Promise<void> {
    this.#leases.end(lease, how)
  }

  async wait (key: AnswerKey, ms: number): Promise<Awaited> {
    const end = await this.#leases.wait(key, ms)
    if (end === 'failed' || end === 'timeout') return { is: end }
    const answer = end === 'vacant' ? null : await this.get(key)
    return answer === null ? { is: 'vacant' } : { is: 'stored', answer }
  }

  async stats (project?: string): Promise<AnswerStats> {
    return this.#measure(this.#now(), project)
  }

  async purge (project: string): Promise<number> {
    this.#leases.endAll(project)
    const { answers } = this.#measure(this.#now(), project)
    while (this.#delete(ofProject, project) > 0) await setImmediate()
    return answers
  }

  async close (): Promise<void> {
    await this.#writing?.catch(() => {})
    this.#leases.endAll()
    await this.#db.close()
  }

  /** Resolves when all that was put so far is written. */
  #written (): Promise<void> {
    this.#writing ??= setImmediate().then(() => { this.#writePuts() })
    return this.#writing
  }

  #writePuts (): void {
    const puts = this.#puts.filter(({ lease }) => this.#leases.holds(lease))
    this.#puts = []
    this.#writing = null
    if (puts.length > 0) this.#commit(puts)
    for (const put of puts) {
      put.stored = true
      this.#leases.end(put.lease, 'stored')
    }
  }

  #commit (puts: readonly Put[]): void {
    const [now, bytes] = [this.#now(), this.#bytes]
    try {
      this.#db.transaction(() => {
        this.#delete(expired, now)
        for (const put of puts) this.#insert(put, now)
        while (this.#bytes > this.#maxBytes && this.#delete(leastUsed) > 0);
        return true
      })
    } catch (error) {
      this.#bytes = bytes
      throw error
    }
  }

  #insert ({ lease: { project, fingerprint }, sealed, ttlMs }: Put, now: number): void {
    const insert = (): number => this.#db.run(insertAnswer, fingerprint, project, sealed, sealed.length, now + ttlMs, now)
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

  #measure (now: number, project?: string): AnswerStats {
    const row = project === undefined ? this.#db.get(measure, now) : this.#db.get(`${measure} AND project = ?`, now, project)
    return { answers: Number(row?.answers), bytes: Number(row?.bytes) }
  }
}
