import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { AnswerSeal } from '../answer-seal.ts'
import type { Answer, AnswerKey, AnswerStats, AnswerStore, Awaited, Claim, Lease, Resignation } from '../answer-store.ts'
import { StoreUnavailableError } from '../unavailable.ts'
import type { AnswerChanges, AnswerFile } from './answer-file.ts'
import { DatabaseThread } from './database-thread.ts'
import { Database, inMemory } from './database.ts'
import { LocalLeases } from './leases.ts'

const schema = readFileSync(new URL('./answer-schema.sql', import.meta.url), 'utf8')

const name = 'the answer store'
const selectAnswer = 'SELECT sealed, expires_at, used_at FROM answers WHERE fingerprint = ?'

/** Answers that wait for a thread that is stuck, bytes. */
const mostWaiting = 16_777_216
/** A read is noted at most so often, ms. */
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
 * Answers in one SQLite file, for one process. They are read here, and written in a thread of their own: a commit that moves the write-ahead
 * log into the file takes 5 to 19 ms (measured), and more where the disk is slow. What comes while one write is under way shares the next one.
 */
export class SqliteAnswerStore implements AnswerStore {
  readonly #db: Database
  readonly #thread: DatabaseThread<AnswerFile>
  readonly #leases = new LocalLeases()
  readonly #seal: AnswerSeal
  readonly #maxBytes: number
  readonly #now: () => number
  #puts: Put[] = []
  #waitingBytes = 0
  readonly #used = new Set<string>()
  #writing: Promise<void> = Promise.resolve()
  #nextWrite: Promise<void> | null = null

  /** @param path of the file, which is made with its folder when it is missing. Throws for `:memory:`: two threads cannot share that. */
  constructor (path: string, { seal, maxBytes, now }: SqliteAnswerSettings) {
    if (path === inMemory) throw new Error('answers in SQLite need a file')
    mkdirSync(dirname(path), { recursive: true })
    this.#db = new Database(path, schema, name)
    this.#thread = new DatabaseThread('answer-worker', path, name)
    this.#seal = seal
    this.#maxBytes = maxBytes
    this.#now = now
  }

  async get (key: AnswerKey): Promise<Answer | null> {
    const sealed = this.#read(key)
    return sealed === null ? null : await this.#seal.open(key, sealed)
  }

  async claim (key: AnswerKey, ms: number, refresh: boolean): Promise<Claim> {
    const answer = refresh ? null : await this.get(key)
    if (answer !== null) return { is: 'stored', answer }
    // Unless something large did not open, this is still the same turn of the event loop: nobody can have stored it meanwhile and ended his lease.
    const lease = this.#leases.claim(key, ms)
    if (lease === null) return { is: 'follower' }
    // The thread is to be there when the answer is.
    this.#thread.prepare()
    return { is: 'leader', lease }
  }

  async renew (lease: Lease, ms: number): Promise<boolean> {
    return this.#leases.renew(lease, ms)
  }

  async put (lease: Lease, answer: Answer, ttlMs: number): Promise<boolean> {
    const sealed = await this.#seal.seal(lease, answer)
    if (this.#waitingBytes + sealed.length > mostWaiting) throw new StoreUnavailableError(name, new Error('too much is waiting to be written'))
    const put = { lease, sealed, ttlMs, stored: false }
    this.#puts.push(put)
    this.#waitingBytes += sealed.length
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
    return await this.#thread.call('measure', this.#now(), project)
  }

  /** What is being written at the moment is written before the first piece is deleted. */
  async purge (project: string): Promise<number> {
    this.#leases.endAll(project)
    const { answers } = await this.#thread.call('measure', this.#now(), project)
    while (await this.#thread.call('purge', project) > 0);
    return answers
  }

  async close (): Promise<void> {
    while (this.#nextWrite !== null) await this.#nextWrite.catch(() => {})
    await this.#writing
    this.#leases.endAll()
    await this.#thread.close()
    await this.#db.close()
  }

  #read ({ fingerprint }: AnswerKey): Buffer | null {
    const row = this.#db.get(selectAnswer, fingerprint)
    const now = this.#now()
    if (row === null || Number(row.expires_at) <= now) return null
    if (now - Number(row.used_at) >= useGranularity) this.#noteUse(fingerprint)
    return Buffer.from(row.sealed as Uint8Array)
  }

  /** A note that is lost only makes the answer look older than it is. */
  #noteUse (fingerprint: string): void {
    this.#used.add(fingerprint)
    this.#written().catch(() => {})
  }

  /** Resolves when all that was collected so far is written. */
  #written (): Promise<void> {
    this.#nextWrite ??= this.#writeAfterTheLast()
    return this.#nextWrite
  }

  async #writeAfterTheLast (): Promise<void> {
    await Promise.all([setImmediate(), this.#writing])
    this.#nextWrite = null
    const write = this.#write()
    this.#writing = write.catch(() => {})
    await write
  }

  async #write (): Promise<void> {
    const puts = this.#puts.filter(({ lease }) => this.#leases.holds(lease))
    const used = [...this.#used]
    this.#puts = []
    this.#waitingBytes = 0
    this.#used.clear()
    const now = this.#now()
    if (puts.length + used.length > 0) await this.#thread.call('write', changesOf(puts, used, now), now, this.#maxBytes)
    for (const put of puts) {
      put.stored = true
      this.#leases.end(put.lease, 'stored')
    }
  }
}

/** With bytes of their own: of a piece of Node's pool, the whole pool would be copied to the thread. */
function changesOf (puts: readonly Put[], used: readonly string[], now: number): AnswerChanges {
  const stored = puts.map(({ lease: { fingerprint, project }, sealed, ttlMs }) => ({ fingerprint, project, sealed: new Uint8Array(sealed), expiresAt: now + ttlMs }))
  return { stored, used }
}
