import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, release } from 'node:os'
import { ensureSystemPackages } from '../scripts/system-packages.ts'

/** Where what runs: what is measured has a core to itself, as far as there are two. */
export const measuredCore = 0
export const loadCore = availableParallelism() > 1 ? 1 : 0

/** Installs what a stand is made of where it is missing, and moves this process to the core of the load. Throws when something cannot be installed. */
export function prepareMachine (): void {
  ensureSystemPackages(['nginx', 'wrk', 'redis', 'jemalloc'])
  execFileSync('taskset', ['-a', '-p', '-c', String(loadCore), String(process.pid)], { stdio: 'ignore' })
}

/** What a reader must know to compare figures, one fact an entry. */
export function machineFacts (): string[] {
  const cores = cpus()
  return [
    `${cores[0]?.model.trim()}, ${cores.length} cores, Linux ${release()}`,
    `Node ${process.versions.node}, ${firstLine('nginx', ['-v'])}, ${firstLine('redis-server', ['--version']).split(' sha')[0]}`,
    `commit ${commit()}`
  ]
}

function commit (): string {
  const changed = execFileSync('git', ['status', '--porcelain', '--', 'src', 'plugins', 'package-lock.json'], { encoding: 'utf8' }).trim() !== ''
  return firstLine('git', ['rev-parse', '--short', 'HEAD']) + (changed ? ' and changes not yet committed' : '')
}

function firstLine (command: string, args: readonly string[]): string {
  // nginx writes its version to standard error.
  return execFileSync('sh', ['-c', '"$@" 2>&1', 'sh', command, ...args], { encoding: 'utf8' }).split('\n', 1)[0] ?? ''
}
