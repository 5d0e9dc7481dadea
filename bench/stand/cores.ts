import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { loadCore, measuredCore } from '../machine.ts'
import { merged } from '../measure/spans.ts'
import type { Span } from '../measure/spans.ts'
import { BenchProcess } from './process.ts'

const beforeAllOthers = ['chrt', '--fifo', '1'] as const

/**
 * Has a witness on each core, and returns what to call at the end: when one of them stood still, because the host gave it to another machine. Null where
 * the system lets no process go before others (sched_setscheduler(2) needs CAP_SYS_NICE): then nobody knows.
 */
export async function watchCores (folder: string): Promise<() => Promise<Span[] | null>> {
  const [command, ...priority] = beforeAllOthers
  if (spawnSync(command, [...priority, 'true']).status !== 0) return async () => null
  const witnesses = Array.from(new Set([measuredCore, loadCore]), core => new BenchProcess({
    command,
    args: [...priority, process.execPath, '--disable-warning=ExperimentalWarning', 'bench/stand/witness.ts'],
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
