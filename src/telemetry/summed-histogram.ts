import type { Metric, Registry } from 'prom-client'
import { LabelTree } from './label-tree.ts'

interface SummedHistogramOptions<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly Label[]
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[]
}

/** What was observed of one combination of labels. */
interface Observed {
  /** How many were in each bucket, and not in those before it. */
  readonly buckets: number[]
  count: number
  sum: number
}

interface Value {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** A histogram that counts by itself. It reads as one of prom-client does, whose own cannot be told what was counted elsewhere. */
export class SummedHistogram<Label extends string> {
  readonly name: string
  readonly type = 'histogram'
  readonly labelNames: readonly Label[]
  readonly #help: string
  readonly #bounds: readonly number[]
  readonly #observed: LabelTree<Label, Observed>

  constructor ({ name, help, labelNames, buckets }: SummedHistogramOptions<Label>) {
    this.name = name
    this.labelNames = labelNames
    this.#help = help
    this.#bounds = buckets
    this.#observed = new LabelTree(labelNames, () => ({ buckets: buckets.map(() => 0), count: 0, sum: 0 }))
  }

  /** A registry asks a metric for no more than its name and `get`, but its types know prom-client's own classes only. */
  register (registry: Registry): this {
    registry.registerMetric(this as unknown as Metric)
    return this
  }

  /** @param labels their values, in the order of the names */
  observe (labels: readonly string[], value: number): void {
    const observed = this.#observed.at(labels)
    observed.count++
    observed.sum += value
    const bucket = this.#bounds.findIndex(bound => value <= bound)
    if (bucket >= 0) observed.buckets[bucket] = (observed.buckets[bucket] ?? 0) + 1
  }

  /** For the registry. */
  async get (): Promise<object> {
    const values: Value[] = []
    this.#observed.each((labels, observed) => { values.push(...this.#valuesOf(labels, observed)) })
    return { name: this.name, help: this.#help, type: this.type, aggregator: 'sum', values }
  }

  #valuesOf (labels: Record<Label, string>, { buckets, count, sum }: Observed): Value[] {
    let below = 0
    const upTo = this.#bounds.map((le, index) => {
      below += buckets[index] ?? 0
      return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: below }
    })
    return [
      ...upTo,
      { metricName: `${this.name}_bucket`, labels: { le: '+Inf', ...labels }, value: count },
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: count }
    ]
  }
}
