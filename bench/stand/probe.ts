/**
 * Loaded into a gateway before its own code (`node --import`): tells the bench, over the channel to its parent process, how the event
 * loop and the garbage collector did. While it is off it costs nothing; while it is on, a timer, about 0.2 % of the time.
 */
import { createHistogram, PerformanceObserver } from 'node:perf_hooks'
import type { RecordableHistogram } from 'node:perf_hooks'
import type { Span } from '../measure/spans.ts'

/** By how much the event loop was late, ms, in 50 and 99 of 100 samples, and at worst. */
export interface Lateness {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** What was seen while the probe was on. */
export interface Health {
  /** Since the last report, as are the pauses. */
  readonly late: Lateness
  /** In all reports together. */
  readonly lateSoFar: Lateness
  /** When the garbage collector had stopped everything. */
  readonly pauses: readonly Span[]
}

export type Question = 'on' | 'off' | 'report' | 'collect garbage'

/**
 * ms. The finest that timers have, because they are counted from one tick to the next: to a timer of 10 ms a loop that takes 11 ms a
 * turn looks 1.7 ms late. Node's own monitor would also count the time between two readings as one long delay.
 */
const period = 1
const delays = createHistogram()
const delaysSoFar = createHistogram()
let ticking: NodeJS.Timeout | undefined
let lastTick = 0
const epoch = Number(process.hrtime.bigint()) - performance.now() * 1e6
let pauses: Span[] = []
const collector = new PerformanceObserver(list => { note(list.getEntries()) })

function note (entries: readonly { readonly startTime: number, readonly duration: number }[]): void {
  for (const { startTime, duration } of entries) pauses.push({ start: epoch + startTime * 1e6, end: epoch + (startTime + duration) * 1e6 })
}

function tick (): void {
  const now = performance.now()
  delays.record(Math.max(1, Math.round((now - lastTick) * 1e6)))
  lastTick = now
}

function lateness (histogram: RecordableHistogram): Lateness {
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - period)
  return { p50: late(histogram.percentile(50)), p99: late(histogram.percentile(99)), max: late(histogram.max) }
}

const answers: Readonly<Record<Question, () => Health | null>> = {
  on: () => {
    lastTick = performance.now()
    ticking = setInterval(tick, period)
    collector.observe({ entryTypes: ['gc'] })
    return null
  },
  off: () => {
    clearInterval(ticking)
    note(collector.takeRecords())
    collector.disconnect()
    return null
  },
  report: () => {
    delaysSoFar.add(delays)
    const health = { late: lateness(delays), lateSoFar: lateness(delaysSoFar), pauses }
    delays.reset()
    pauses = []
    return health
  },
  'collect garbage': () => {
    // Not only what is garbage, but also what V8 would keep for the next burst: its young generation is resident with anything from 0 to 110 MB.
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    return null
  }
}

process.on('message', (question: Question) => { process.send?.(answers[question]()) })
// The channel must not keep a gateway alive that has drained.
process.channel?.unref()
