import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { loadCore, measuredCore } from '../machine.ts'
import { merged } from '../measure/spans.ts'
import type { Span } from '../measure/spans.ts'
import { BenchProcess } from './process.ts'

/** For chrt(1): before all other processes of the core. */
const priority = ['--fifo', '1']

/**
 * For Node: all its threads go before others, so that a witness would cause what it watches for, whenever V8 compiles or collects garbage (5 ms on either core, every 5 s).
 * It does neither beside the thread that sleeps, and has room for some minutes' garbage, MB.
 */
export const unnoticed = ['--single-threaded', '--no-opt', '--min-semi-space-size=64', '--max-semi-space-size=64']

/**
 * Has a witness on each core, and returns what to call at the end: when one of them let no process run, see `witness.ts`. Null where the system lets no process
 * go before others (sched_setscheduler(2) needs CAP_SYS_NICE): then nobody knows.
 */
export async function watchCores (folder: string): Promise<() => Promise<Span[] | null>> {
  if (spawnSync('chrt', [...priority, 'true']).status !== 0) return async () => null
  const witnesses = Array.from(new Set([measuredCore, loadCore]), core => new BenchProcess({
    command: 'chrt',
    args: [...priority, process.execPath, ...unnoticed, '--disable-warning=ExperimentalWarning', 'bench/stand/witness.ts'],
    core,
    log: join(folder, `witness-${core}.log`),
    asked: true
  }))
  await Promise.all(witnesses.map(async witness => await witness.ask('are you there')))
  return async () => {
    const seen = await Promise.all(witnesses.map(async witness => await witness.ask<Span[]>('what did you see')))
    await Promise.all(witnesses.map(async witness => { await witness.stop() }))
    return merged(seen.flat())
  }
}
