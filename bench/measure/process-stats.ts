import { readdirSync, readFileSync } from 'node:fs'

/** Times of all threads of a process and of its children together, in ns since their start. */
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
    for (const child of readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(id => id !== '')) {
      const ofChild = cpuTime(Number(child))
      used += ofChild.used
      waited += ofChild.waited
    }
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
