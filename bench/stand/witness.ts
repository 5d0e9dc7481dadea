/**
 * Runs on a core before all other processes (`chrt --fifo`, sched(7)), and only sleeps. When even it wakes up late, the host had given the core to another machine, or the
 * kernel was busy there: which of them, it cannot tell, as most kernels finish what a process has asked of them before they let another run. Takes some 2 % of the core.
 */
import type { Span } from '../measure/spans.ts'

/** ns; how long it sleeps. */
const period = 1e6
/** ns; what waking up takes. */
const tolerance = 0.3e6
const standstills: Span[] = []
const neverSet = new Int32Array(new SharedArrayBuffer(4))

/** Sleeps in the kernel: timers of the event loop are rounded to whole milliseconds. */
function sleep (): void {
  const due = now() + period
  Atomics.wait(neverSet, 0, 0, period / 1e6)
  const woken = now()
  if (woken > due + tolerance) standstills.push({ start: due, end: woken })
  setImmediate(sleep)
}

function now (): number {
  return Number(process.hrtime.bigint())
}

sleep()
process.on('message', () => { process.send?.(standstills) })
process.once('disconnect', () => { process.exit() })
