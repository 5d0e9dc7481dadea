import { AggregatorRegistry } from 'prom-client'
import type { Registry } from 'prom-client'
import { workerRestarts } from './metrics.ts'

/** The metrics of one process, as `getMetricsAsJSON` gives them. */
export type Snapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/**
 * The metrics of several processes as one scrape. What a process had counted when it died stays in the sums: if they fell, Prometheus
 * would take that for a restart, and the rest for new.
 */
export class MergedMetrics {
  readonly #latest = new Map<number, Snapshot>()
  #departed: Snapshot = []
  #last: Promise<unknown> = Promise.resolve()

  /**
   * One scrape after the other.
   *
   * @param gather the snapshots of all processes that live, by the number of each; numbers are not used twice
   * @param restarts how many died and were replaced
   */
  text (gather: () => Promise<ReadonlyMap<number, Snapshot>>, restarts: () => number): Promise<string> {
    const turn = this.#last.then(async () => await this.#merge(await gather(), restarts()))
    this.#last = turn.catch(() => {})
    return turn
  }

  async #merge (current: ReadonlyMap<number, Snapshot>, restarts: number): Promise<string> {
    for (const [number, snapshot] of this.#latest) {
      if (current.has(number)) continue
      const kept = await sum([this.#departed, snapshot]).getMetricsAsJSON()
      this.#departed = kept.filter(({ type }) => isCounted(String(type)))
      this.#latest.delete(number)
    }
    for (const [number, snapshot] of current) this.#latest.set(number, snapshot)
    return await sum([...current.values(), this.#departed, [restarted(restarts)]]).metrics()
  }
}

function sum (snapshots: readonly Snapshot[]): Registry {
  return AggregatorRegistry.aggregate([...snapshots])
}

/** A gauge goes with its process. */
function isCounted (type: string): boolean {
  return type === 'counter' || type === 'histogram'
}

function restarted (value: number): Snapshot[number] {
  // Its types say that a metric's kind is a number.
  return { ...workerRestarts, type: 'counter', aggregator: 'sum', values: [{ value, labels: {} }] } as unknown as Snapshot[number]
}
