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

type Call<Args extends readonly unknown[], Result> = (...args: Args) => Result

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

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
  call<Name extends keyof Calls & string> (
    name: Name, ...args: Calls[Name] extends Call<infer Args, unknown> ? Args : never
  ): Promise<Calls[Name] extends Call<never, infer Result> ? Result : never> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const id = this.#nextId++
    this.#waiting.set(id, { resolve, reject })
    const worker = this.#started()
    worker.ref()
    worker.postMessage({ id, name, args } satisfies Question)
    return promise as ReturnType<typeof this.call<Name>>
  }

  /** Starts the thread before it is needed: that takes some 50 ms. */
  prepare (): void {
    if (this.#worker === null) this.#started().unref()
  }

  async close (): Promise<void> {
    await this.#worker?.terminate()
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
