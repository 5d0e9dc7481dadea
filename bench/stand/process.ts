import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, closeSync, readFileSync } from 'node:fs'
import { cpuTime, residentBytes } from '../measure/process-stats.ts'
import type { CpuTime } from '../measure/process-stats.ts'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ProcessOptions {
  readonly command: string
  readonly args: readonly string[]
  /** The core it may run on. */
  readonly core: number
  /** Takes standard output and standard error. */
  readonly log: string
  readonly env?: Readonly<Record<string, string>>
  /** Has a channel for questions. */
  readonly asked?: boolean
}

/** How long a process may take to answer, or to end when asked to, ms. */
const patience = 5_000

const running = new Set<BenchProcess>()
process.once('exit', () => { for (const one of running) one.kill() })
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => { process.exit(1) })

/** Ends whatever still runs. */
export async function stopAll (): Promise<void> {
  await Promise.all(Array.from(running, async one => { await one.stop() }))
}

/** Does the work while these processes do nothing, not even what they do when nobody asks anything of them. */
export async function whilePaused<Result> (processes: readonly BenchProcess[], work: () => Promise<Result>): Promise<Result> {
  for (const one of processes) one.pause()
  try {
    return await work()
  } finally {
    for (const one of processes) one.resume()
  }
}

/** A process of the stand, on one core. It never outlives the bench. */
export class BenchProcess {
  readonly #child: ChildProcess
  readonly #options: ProcessOptions

  constructor (options: ProcessOptions) {
    const log = openSync(options.log, 'a')
    this.#options = options
    this.#child = spawn('taskset', ['-c', String(options.core), options.command, ...options.args], {
      stdio: ['ignore', log, log, ...options.asked === true ? ['ipc' as const] : []],
      env: { ...process.env, ...options.env }
    })
    closeSync(log)
    running.add(this)
    this.#child.once('exit', () => running.delete(this))
  }

  /** `taskset` becomes the command: the id is the command's. */
  get pid (): number {
    const { pid } = this.#child
    if (pid === undefined) throw new Error(`${this.#options.command} did not start`)
    return pid
  }

  get log (): string {
    return this.#options.log
  }

  /** The end of the log. */
  lastWords (): string {
    return readFileSync(this.#options.log, 'utf8').slice(-2000)
  }

  /** Sends a message and returns the answer. One question at a time. */
  async ask<Answer> (question: string): Promise<Answer> {
    const answer = once(this.#child, 'message', { signal: AbortSignal.timeout(patience) })
    this.#child.send(question)
    return (await answer)[0]
  }

  cpu (): CpuTime {
    return cpuTime(this.pid)
  }

  residentBytes (): number {
    return residentBytes(this.pid)
  }

  /** Waits until `ready` gives something; throws with the end of the log when the process ends before. */
  async until<Value> (ready: () => Promise<Value | null> | Value | null): Promise<Value> {
    for (;;) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`${this.#options.command} ended at once:\n${this.lastWords()}`)
      }
      const value = await ready()
      if (value !== null) return value
      await sleep(5)
    }
  }

  pause (): void {
    this.#child.kill('SIGSTOP')
  }

  resume (): void {
    this.#child.kill('SIGCONT')
  }

  async stop (): Promise<void> {
    if (!running.has(this)) return
    const exit = once(this.#child, 'exit')
    const timer = setTimeout(() => { this.kill() }, patience)
    this.#child.kill('SIGTERM')
    await exit
    clearTimeout(timer)
  }

  kill (): void {
    this.#child.kill('SIGKILL')
  }
}
