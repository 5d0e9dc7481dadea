import { extname } from 'node:path'
import { parentPort, Worker } from 'node:worker_threads'
import { StoreUnavailableError } from '../unavailable.ts'

/** What a thread is asked to call, and what it answers. */
interface Question {
  readonly id: number
  readonly name: string
  readonly args: readonly unknown[]
}

type Reply = { readonly id: number, readonly result: unknown } | { readonly id: number, readonly error: unknown }

type ArgsOf<Call> = Call extends (...args: infer Args) => unknown ? Args : never
type ResultOf<Call> = Call extends (...args: never) => infer Result ? Result : never

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** ms */
const pauseAfterFailure = 1000

/**
 * A SQLite file in a thread of its own, which starts with the first call and takes one call after the other.
 *
 * @typeParam Calls the functions that the thread answers with
 */
export class DatabaseThread<Calls> {
  readonly #program: URL
  readonly #path: string
  readonly #name: string
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  #nextId = 0
  #failedAt = -Infinity
  #closed = false

  /**
   * @param program what the thread runs: a file of this folder without its ending, which calls `answerCalls`
   * @param path of the database
   * @param name what is stored there, for error messages
   */
  constructor (program: string, path: string, name: string) {
    this.#program = new URL(`./${program}${extname(import.meta.filename)}`, import.meta.url)
    this.#path = path
    this.#name = name
  }

  /** Rejects with StoreUnavailableError. */
  call<Name extends keyof Calls & string> (name: Name, ...args: ArgsOf<Calls[Name]>): Promise<ResultOf<Calls[Name]>> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    if (this.#closed) reject(new StoreUnavailableError(this.#name, new Error('it is closed')))
    else this.#ask(name, args, { resolve, reject })
    return promise as Promise<ResultOf<Calls[Name]>>
  }

  /** Starts the thread before it is needed: that takes some 50 ms. One that failed a moment ago is left to those who have to have it. */
  prepare (): void {
    const mayStart = this.#worker === null && !this.#closed && performance.now() > this.#failedAt + pauseAfterFailure
    if (mayStart) this.#started().unref()
  }

  async close (): Promise<void> {
    this.#closed = true
    await this.#worker?.terminate()
  }

  #ask (name: string, args: readonly unknown[], waiting: Waiting): void {
    const id = this.#nextId++
    this.#waiting.set(id, waiting)
    const worker = this.#started()
    worker.ref()
    worker.postMessage({ id, name, args } satisfies Question)
  }

  #started (): Worker {
    this.#worker ??= this.#start()
    return this.#worker
  }

  #start (): Worker {
    const worker = new Worker(this.#program, { workerData: this.#path })
    worker.on('message', (reply: Reply) => { this.#take(reply) })
    worker.on('error', error => { this.#fail(worker, error) })
    worker.on('exit', () => { this.#fail(worker, new Error('its thread ended')) })
    return worker
  }

  #take (reply: Reply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('error' in reply) waiting?.reject(new StoreUnavailableError(this.#name, reply.error))
    else waiting?.resolve(reply.result)
    if (this.#waiting.size === 0) this.#worker?.unref()
  }

  /** A thread that fails also ends: what is asked meanwhile is the next one's. */
  #fail (worker: Worker, cause: Error): void {
    if (this.#worker !== worker) return
    this.#worker = null
    this.#failedAt = performance.now()
    for (const { reject } of this.#waiting.values()) reject(new StoreUnavailableError(this.#name, cause))
    this.#waiting.clear()
  }
}

/** In the thread: answers every call with what the function gives or throws. */
export function answerCalls (call: (name: string, args: readonly unknown[]) => unknown): void {
  parentPort?.on('message', ({ id, name, args }: Question) => {
    parentPort?.postMessage(replyOf(id, () => call(name, args)))
  })
}

function replyOf (id: number, work: () => unknown): Reply {
  try {
    return { id, result: work() }
  } catch (error) {
    return { id, error }
  }
}
