import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './ports.ts'

/** A Redis of the test's own, in a folder of its own. */
export interface TestRedis {
  readonly port: number
  readonly address: string
  /** The process, for signals. */
  readonly process: ChildProcess
  /** kill -9. */
  kill (): Promise<void>
  /** Starts it again on the same port, with what it had saved. */
  restart (): Promise<void>
  stop (): Promise<void>
}

interface Teardown {
  teardown (end: () => unknown): unknown
}

/** Starts a redis-server on a free port; it ends with the test. Further options as on its command line: `'--appendonly', 'yes'`. */
export async function startRedis (t: Teardown, ...options: readonly string[]): Promise<TestRedis> {
  requireServer()
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-redis-'))
  const port = await freePort()
  let server = await run(port, folder, options)
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGCONT')
    server.kill(signal)
    await once(server, 'exit')
  }
  const redis: TestRedis = {
    port,
    address: `redis://127.0.0.1:${port}`,
    get process () { return server },
    kill: () => kill('SIGKILL'),
    restart: async () => {
      await kill('SIGKILL')
      server = await run(port, folder, options)
    },
    stop: async () => {
      await kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    }
  }
  t.teardown(() => redis.stop())
  return redis
}

function requireServer (): void {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    throw new Error('These tests need redis-server 7 on the PATH. On Debian: apt-get install redis-server (npm test does that by itself).')
  }
}

async function run (port: number, folder: string, options: readonly string[]): Promise<ChildProcess> {
  const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--daemonize', 'no', '--loglevel', 'notice']
  const server = spawn('redis-server', [...fixed, ...options], { stdio: ['ignore', 'pipe', 'ignore'] })
  const end = (): void => { server.kill('SIGKILL') }
  process.once('exit', end)
  server.once('exit', () => { process.off('exit', end) })
  const lines = createInterface({ input: server.stdout })
  const output: string[] = []
  for await (const line of lines) {
    output.push(line)
    if (line.includes('Ready to accept connections')) {
      server.stdout.resume()
      return server
    }
  }
  throw new Error(`redis-server did not start:\n${output.join('\n')}`)
}
