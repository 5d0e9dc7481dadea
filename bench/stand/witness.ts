/**
 * Runs on a core before all other processes (`chrt --fifo`, sched(7)), and only sleeps. When even it wakes up late, the core was not there: the host had given it
 * to another machine. Takes some 2 % of the core.
 */
import type { Span } from '../measure/spans.ts'

/** ms; how long it sleeps. */
const period = 1
/** ms; what waking up takes. */
const tolerance = 0.3
const epoch = Number(process.hrtime.bigint()) - performance.now() * 1e6
const standstills: Span[] = []
const neverSet = new Int32Array(new SharedArrayBuffer(4))

/** Sleeps in the kernel: timers of the event loop are rounded to whole milliseconds. */
function sleep (): void {
  const due = performance.now() + period
  Atomics.wait(neverSet, 0, 0, period)
  const now = performance.now()
  if (now > due + tolerance) standstills.push({ start: epoch + due * 1e6, end: epoch + now * 1e6 })
  setImmediate(sleep)
}

sleep()
process.on('message', () => { process.send?.(standstills) })
process.once('disconnect', () => { process.exit() })
