import { readdirSync, readFileSync } from 'node:fs'

/** Times of all threads of a process together, in ns since its start. */
export interface CpuTime {
  /** On a core. */
  readonly used: number
  /** Ready to run, while the core was another's: how noisy the machine is. */
  readonly waited: number
}

/** From /proc/PID/task/TID/schedstat (Linux, Documentation/scheduler/sched-stats): to the nanosecond, where `stat` counts ticks of 10 ms. */
export function cpuTime (pid: number): CpuTime {
  let used = 0
  let waited = 0
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [onCore, inQueue] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')
    used += Number(onCore)
    waited += Number(inQueue)
  }
  return { used, waited }
}

/** What of the process is in memory, bytes. */
export function residentBytes (pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

/** Open file descriptors: sockets, files, pipes. */
export function openFiles (pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}
