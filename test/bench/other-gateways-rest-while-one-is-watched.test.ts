import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { measuredCore } from '../../bench/machine.ts'
import { BenchProcess, whilePaused } from '../../bench/stand/process.ts'
import { until } from '../helpers/until.ts'

function idle (folder: string): BenchProcess {
  return new BenchProcess({ command: 'sleep', args: ['60'], core: measuredCore, log: join(folder, 'log') })
}

/** proc_pid_stat(5): T is stopped. */
async function reaches (pid: number, isState: (state: string) => boolean): Promise<void> {
  await until(() => isState(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] ?? ''))
}

const isPaused = (state: string): boolean => state === 'T'
const runs = (state: string): boolean => state === 'S' || state === 'R'

t.test('processes are paused for as long as the work takes, and others run', async t => {
  const [paused, other] = [idle(t.testdir()), idle(t.testdir({ other: {} }))]
  t.teardown(async () => { await Promise.all([paused.stop(), other.stop()]) })
  const result = await whilePaused([paused], async () => {
    await reaches(paused.pid, isPaused)
    await reaches(other.pid, runs)
    return 'done'
  })
  t.equal(result, 'done')
  await reaches(paused.pid, runs)
})

t.test('they go on when the work fails', async t => {
  const paused = idle(t.testdir())
  t.teardown(async () => { await paused.stop() })
  await t.rejects(whilePaused([paused], async () => {
    await reaches(paused.pid, isPaused)
    throw new Error('no connection is free')
  }), { message: 'no connection is free' })
  await reaches(paused.pid, runs)
})
