import cluster from 'node:cluster'
import type { Worker } from 'node:cluster'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dialogue } from './dialogue.ts'
import type { Answers } from './dialogue.ts'
import type { ToPrimary, ToWorker } from './topics.ts'

/** How a worker ended. */
export interface Ending {
  readonly pid: number | undefined
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What becomes known of a worker. */
export interface KeeperEvents extends Answers<ToPrimary> {
  /** A line that it wrote. */
  line (text: string): void
  /** It ended unasked; another is started after so many ms. */
  died (ending: Ending, pause: number): void
}

/** Of a worker that dies again and again, ms. */
const shortestPause = 100
const longestPause = 30_000
/** Who lived so long did not die of its start, ms. */
const grownUp = 60_000

/** Keeps one worker process running: when it dies, another takes its place, after a pause that doubles with each that dies young. */
export class Keeper {
  readonly #events: KeeperEvents
  readonly #ending = new AbortController()
  #worker: Worker
  #dialogue: Dialogue<ToWorker, ToPrimary>
  #startedAt = 0
  #pause = shortestPause
  #serves = false
  /** Resolves with the last worker's exit code, when it ended because it was told to. */
  readonly ended: Promise<number | null>

  constructor (events: KeeperEvents) {
    this.#events = events;
    [this.#worker, this.#dialogue] = this.#fork()
    this.ended = this.#keep()
  }

  /** Not reused within the life of the primary. */
  get number (): number {
    return this.#worker.id
  }

  get serves (): boolean {
    return this.#serves
  }

  get ask (): Dialogue<ToWorker, ToPrimary>['ask'] {
    return this.#dialogue.ask.bind(this.#dialogue)
  }

  /** Has the worker end well, and starts no other. */
  drain (): void {
    this.#ending.abort()
    this.ask('drain', null).catch(() => {})
  }

  kill (): void {
    this.#ending.abort()
    this.#worker.process.kill('SIGKILL')
  }

  async #keep (): Promise<number | null> {
    for (;;) {
      // With its output: its last words are read.
      const [code, signal] = await once(this.#worker.process, 'close') as [number | null, NodeJS.Signals | null]
      this.#serves = false
      if (this.#ending.signal.aborted) return code
      if (performance.now() - this.#startedAt > grownUp) this.#pause = shortestPause
      this.#events.died({ pid: this.#worker.process.pid, code, signal }, this.#pause)
      const waited = await sleep(this.#pause, true, { signal: this.#ending.signal }).catch(() => false)
      if (!waited) return 0
      this.#pause = Math.min(this.#pause * 2, longestPause);
      [this.#worker, this.#dialogue] = this.#fork()
    }
  }

  #fork (): [Worker, Dialogue<ToWorker, ToPrimary>] {
    this.#startedAt = performance.now()
    const worker = cluster.fork()
    if (worker.process.stdout !== null) createInterface({ input: worker.process.stdout }).on('line', text => { this.#events.line(text) })
    const dialogue = new Dialogue<ToWorker, ToPrimary>(worker.process, {
      ...this.#events,
      serves: served => {
        this.#serves = true
        this.#events.serves(served)
        // While it started, it heard nothing.
        if (this.#ending.signal.aborted) this.drain()
      }
    })
    return [worker, dialogue]
  }
}
