import { Counter } from 'prom-client'
import type { Registry } from 'prom-client'
import { LabelTree } from './label-tree.ts'

interface SummedCounterOptions<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly Label[]
  readonly registers: Registry[]
}

/** A counter that sums up by itself, and tells prom-client when it is read. */
export class SummedCounter<Label extends string> {
  readonly #counter: Counter<Label>
  readonly #sums: LabelTree<Label, { sum: number }>

  constructor (options: SummedCounterOptions<Label>) {
    this.#sums = new LabelTree(options.labelNames, () => ({ sum: 0 }))
    this.#counter = new Counter({ ...options, collect: () => { this.#tell() } })
  }

  /** @param values one for each label, in the order of the names */
  inc (values: readonly string[], amount = 1): void {
    this.#sums.at(values).sum += amount
  }

  #tell (): void {
    this.#counter.reset()
    this.#sums.each((labels, { sum }) => { this.#counter.inc(labels, sum) })
  }
}
