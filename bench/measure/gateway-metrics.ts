/** How the gateway's event loop did since the last reading. */
export interface LoopHealth {
  /** By how much the loop was late, ms, in 99 of 100 samples. */
  readonly delayP99: number
  readonly pauses: number
  /** Of the garbage collector, ms. */
  readonly pauseSum: number
  readonly longPauses: number
}

/** Node samples the loop every 10 ms and counts the whole interval (perf_hooks.monitorEventLoopDelay). */
const samplingMs = 10
/** ms: a gateway that hangs must not hang the bench. */
const deadline = 10_000

/** Reads /metrics. Node's delay histogram starts anew with every reading; the pauses are counted from the start of the process. */
export async function loopHealth (operatorPort: number): Promise<LoopHealth> {
  const text = await (await fetch(`http://127.0.0.1:${operatorPort}/metrics`, { signal: AbortSignal.timeout(deadline) })).text()
  const samples = text.split('\n').filter(line => !line.startsWith('#'))
  const sum = (name: string): number => samples.filter(line => line.includes(name)).reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
  const pauses = sum('nodejs_gc_duration_seconds_count')
  return {
    delayP99: Math.max(0, sum('nodejs_eventloop_lag_p99_seconds') * 1000 - samplingMs),
    pauses,
    pauseSum: sum('nodejs_gc_duration_seconds_sum') * 1000,
    longPauses: pauses - samples.filter(line => line.includes('nodejs_gc_duration_seconds_bucket') && line.includes('le="0.01"')).reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
  }
}

/** What happened between two readings. */
export function since (before: LoopHealth, after: LoopHealth): LoopHealth {
  return {
    delayP99: after.delayP99,
    pauses: after.pauses - before.pauses,
    pauseSum: after.pauseSum - before.pauseSum,
    longPauses: after.longPauses - before.longPauses
  }
}
