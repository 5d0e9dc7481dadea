import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { mintAdminKey, mintKey } from '../../src/keys/key.ts'
import { collecting, noteLine, noteSecrets } from './test-logs.ts'

export interface ProcessOptions {
  /** The text of a tollgate.yaml. */
  readonly yaml?: string
  readonly env?: Readonly<Record<string, string>>
  /** After `serve`. */
  readonly args?: readonly string[]
  /** A command that runs the one behind it. */
  readonly launcher?: readonly [string, ...string[]]
  /** What is run, instead of the sources. */
  readonly entry?: string
}

/** One line of the log, parsed. */
export type LogLine = Readonly<Record<string, unknown>>

const pepper = 'a pepper for tests only'
const sources = new URL('../../src/cli.ts', import.meta.url).pathname

/** `tollgate serve` in a process of its own, as an operator runs it; killed with the test if it still runs. */
export class GatewayProcess {
  readonly key: string
  readonly adminKey: string
  readonly child: ChildProcess
  /** What it has written to stdout, line by line. */
  readonly lines: string[] = []
  readonly exited: Promise<number | null>
  #output = ''

  constructor (child: ChildProcess, key: string, adminKey: string) {
    this.child = child
    this.key = key
    this.adminKey = adminKey
    this.exited = once(child, 'exit').then(([code]) => code as number | null)
    const { stdout, stderr } = child
    if (stdout === null || stderr === null) throw new Error('the process has no output')
    createInterface({ input: stdout }).on('line', line => {
      this.lines.push(line)
      noteLine(line)
      child.emit('logged')
    })
    stderr.on('data', (text: Buffer) => {
      this.#output += text.toString()
      noteLine(text.toString())
    })
  }

  /** What it has written to stderr. */
  get complaints (): string {
    return this.#output
  }

  /** Waits for a line that the test wants. */
  async line (wanted: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const found = this.lines.map(parse).find(wanted)
      if (found !== undefined) return found
      if (this.child.exitCode !== null) throw new Error(`the gateway is gone: ${this.complaints}${this.lines.join('\n')}`)
      await Promise.race([once(this.child, 'logged'), this.exited])
    }
  }
}

export interface RunningProcess {
  readonly gateway: GatewayProcess
  readonly publicUrl: string
  readonly operatorUrl: string
}

/** Starts it on free ports with a store of its own, and waits until it serves. */
export async function startGatewayProcess (t: Pick<Test, 'teardown'>, { yaml, env, args = [], launcher, entry = sources }: ProcessOptions = {}): Promise<RunningProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-process-'))
  if (yaml !== undefined) await writeFile(join(folder, 'tollgate.yaml'), yaml)
  const key = mintKey().token
  const adminKey = mintAdminKey().token
  noteSecrets([key, adminKey, pepper, env?.['TOLLGATE_ADMIN_KEY'], env?.['AIMLAPI_API_KEY']])
  const [command, ...rest] = [...launcher ?? [], process.execPath, '--disable-warning=ExperimentalWarning', entry, 'serve', ...args] as [string, ...string[]]
  const child = spawn(command, rest, {
    cwd: folder,
    env: {
      TOLLGATE_LISTEN: '127.0.0.1:0',
      TOLLGATE_OPERATOR_LISTEN: '127.0.0.1:0',
      TOLLGATE_DATA_DIR: folder,
      TOLLGATE_BOOTSTRAP_KEY: key,
      TOLLGATE_ADMIN_KEY: adminKey,
      TOLLGATE_PEPPER: pepper,
      ...(collecting && { LOG_LEVEL: 'trace' }),
      ...env
    }
  })
  const gateway = new GatewayProcess(child, key, adminKey)
  t.teardown(async () => {
    child.kill('SIGKILL')
    await gateway.exited
    await rm(folder, { recursive: true, force: true })
  })
  const { public: publicUrl, operator: operatorUrl } = await gateway.line(({ msg }) => msg === 'listening')
  return { gateway, publicUrl: String(publicUrl), operatorUrl: String(operatorUrl) }
}

function parse (line: string): LogLine {
  return JSON.parse(line) as LogLine
}
