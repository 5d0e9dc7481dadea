import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'

/** A child process whose output a test waits for. */
export class Child {
  readonly process: ChildProcess
  output = ''

  constructor (process: ChildProcess) {
    this.process = process
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => { this.output += text })
    }
  }

  /** Waits for the output to match. Throws when the process ends first. */
  async says (pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output)
      if (match !== null) return match
      if (this.process.exitCode !== null || this.process.signalCode !== null) throw new Error(`the process ended without ${String(pattern)}:\n${this.output}`)
      await Promise.race([once(this.process.stdout as NodeJS.ReadableStream, 'data'), once(this.process, 'exit')])
    }
  }

  /** Waits for the end. */
  async exit (): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'exit')
    return this.process.exitCode
  }
}

/** Starts a command; with the test it is killed, by its own pid. */
export function startProcess (t: Pick<Test, 'teardown'>, command: string, args: readonly string[], env: Readonly<Record<string, string>>, cwd?: string): Child {
  const child = new Child(spawn(command, args, { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }) }))
  t.teardown(async () => {
    child.process.kill('SIGKILL')
    await child.exit()
  })
  return child
}

export const cliArgs = ['--disable-warning=ExperimentalWarning', new URL('../../src/cli.ts', import.meta.url).pathname] as const
