import { connect } from 'node:net'
import { join } from 'node:path'
import { freePorts } from './ports.ts'
import { BenchProcess } from './process.ts'

/** A Redis as one would run it for a ledger: with its append-only file, and nothing evicted. */
export async function startRedis (folder: string, core: number): Promise<{ process: BenchProcess, url: string }> {
  const [port = 0] = await freePorts(1)
  const redis = new BenchProcess({
    command: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', '--daemonize', 'no'],
    core,
    log: join(folder, 'redis.log')
  })
  await redis.until(async () => await answers(port) ? true : null)
  return { process: redis, url: `redis://127.0.0.1:${port}/0` }
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
