import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePorts } from './ports.ts'
import { BenchProcess } from './process.ts'

export interface Redis {
  readonly url: string
  /** Has it rewrite its file now, so that it will not for a while: its child takes seconds of the load's core. */
  readonly rewrite: () => Promise<void>
}

const run = promisify(execFile)

/** A Redis as one would run it for a ledger: with its append-only file, and nothing evicted. */
export async function startRedis (folder: string, core: number): Promise<Redis> {
  const [port = 0] = await freePorts(1)
  const redis = new BenchProcess({
    command: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', '--daemonize', 'no'],
    core,
    log: join(folder, 'redis.log')
  })
  await redis.until(async () => await answers(port) ? true : null)
  return {
    url: `redis://127.0.0.1:${port}/0`,
    async rewrite () {
      await tell(port, 'BGREWRITEAOF')
      while (/aof_rewrite_(in_progress|scheduled):1/.test(await tell(port, 'INFO', 'persistence'))) await sleep(50)
    }
  }
}

async function tell (port: number, ...command: string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-p', String(port), ...command])
  return stdout
}

/** Whether something listens on the port. */
export async function answers (port: number): Promise<boolean> {
  return await new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => { resolve(false) })
  })
}
