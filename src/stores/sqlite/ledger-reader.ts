import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { StoreUnavailableError } from '../unavailable.ts'
import type { Database } from './database.ts'
import type { LedgerReads } from './ledger-reads.ts'
import type { ReadReply } from './ledger-worker.ts'

type Args<Read> = Read extends (db: Database, ...args: infer Rest) => unknown ? Rest : never
type Result<Read> = Read extends (db: Database, ...args: never[]) => infer Value ? Value : never

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Reads the ledger's file in a thread of its own, which starts with the first read. */
export class LedgerReader {
  readonly #path: string
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  #nextId = 0

  constructor (path: string) {
    this.#path = path
  }

  /** Rejects with StoreUnavailableError. */
  call<Name extends keyof LedgerReads> (name: Name, ...args: Args<LedgerReads[Name]>): Promise<Result<LedgerReads[Name]>> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const id = this.#nextId++
    this.#waiting.set(id, { resolve, reject })
    this.#worker ??= this.#start()
    this.#worker.ref()
    this.#worker.postMessage({ id, name, args })
    return promise as Promise<Result<LedgerReads[Name]>>
  }

  async close (): Promise<void> {
    await this.#worker?.terminate()
  }

  #start (): Worker {
    const worker = new Worker(new URL(`./ledger-worker${extname(import.meta.filename)}`, import.meta.url), { workerData: this.#path })
    worker.on('message', (reply: ReadReply) => { this.#take(reply) })
    worker.on('error', error => { this.#fail(worker, error) })
    worker.on('exit', () => { this.#fail(worker, new Error('the reading thread ended')) })
    return worker
  }

  #take (reply: ReadReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('error' in reply) waiting?.reject(new StoreUnavailableError('the ledger', reply.error))
    else waiting?.resolve(reply.result)
    if (this.#waiting.size === 0) this.#worker?.unref()
  }

  /** A thread that fails also ends: what is asked meanwhile is the next one's. */
  #fail (worker: Worker, cause: Error): void {
    if (this.#worker !== worker) return
    this.#worker = null
    for (const { reject } of this.#waiting.values()) reject(new StoreUnavailableError('the ledger', cause))
    this.#waiting.clear()
  }
}
