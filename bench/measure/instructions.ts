import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'

const counting = ['stat', '-e', 'instructions', '-x', ',']

/** Whether the kernel and the machine let processes be counted (`perf` is there, and the virtual machine has the counters). */
export const canCountInstructions = countIn(spawnSync('perf', [...counting, 'true'], { encoding: 'utf8' }).stderr ?? '') > 0

/**
 * Begins to count the instructions of a process' main thread, its own and the kernel's for it; what it returns ends the counting and
 * says how many there were. They are the same on a busy machine, where times are not; the compiler and the garbage collector, who work
 * on other threads when they find time, are left to the times. Null when instructions cannot be counted.
 */
export async function countInstructions (pid: number): Promise<(() => Promise<number>) | null> {
  if (!canCountInstructions) return null
  const perf = spawn('perf', [...counting, '--control', 'fd:3,4', '-t', String(pid)], { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] })
  let output = ''
  perf.stderr?.on('data', chunk => { output += chunk })
  const ended = once(perf, 'close')
  const [, , , questions, answers] = perf.stdio as [null, null, Readable, Writable, Readable]
  questions.write('ping\n')
  await Promise.race([once(answers, 'data'), ended])
  return async () => {
    perf.kill('SIGINT')
    await ended
    return countIn(output)
  }
}

function countIn (output: string): number {
  return Number(/^(\d+),,instructions/m.exec(output)?.[1] ?? NaN)
}
