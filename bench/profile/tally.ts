import { table } from '../report/table.ts'
import { linkOf, nameOf, partOf } from './place.ts'
import type { CallFrame } from './place.ts'

/** Lines of the table by part. */
const parts = 50

/** Amounts by link of the chain, by part of the program and by function. */
export class Tally {
  readonly #byFunction = new Map<string, number>()
  readonly #byPart = new Map<string, number>()
  readonly #byLink = new Map<string, number>()
  #total = 0

  /** @param stack who used it, and who called that, outwards; not empty */
  add (stack: readonly CallFrame[], amount: number): void {
    const frame = stack[0] as CallFrame
    this.#total += amount
    addTo(this.#byFunction, nameOf(frame), amount)
    addTo(this.#byPart, partOf(frame), amount)
    addTo(this.#byLink, linkOf(stack), amount)
  }

  /** Tables, the largest first, that add up each; `scale` turns amounts into what `unit` names. A link stands for all that it calls. */
  toText (what: string, unit: string, scale: number, functions: number): string {
    return [
      table([`${what}, by link of the chain`, unit, '%'], this.#rows(this.#byLink, scale, parts)),
      table([`${what}, by part`, unit, '%'], this.#rows(this.#byPart, scale, parts)),
      this.functionsText(what, unit, scale, functions)
    ].join('\n\n')
  }

  /** The last of these tables. */
  functionsText (what: string, unit: string, scale: number, functions: number): string {
    return table([`${what}, by function`, unit, '%'], this.#rows(this.#byFunction, scale, functions))
  }

  #rows (amounts: ReadonlyMap<string, number>, scale: number, count: number): string[][] {
    const sorted = [...amounts].sort(([, a], [, b]) => b - a)
    const rest = sorted.slice(count)
    const lines = [
      ...sorted.slice(0, count),
      ...rest.length === 0 ? [] : [[`${rest.length} more`, rest.reduce((sum, [, amount]) => sum + amount, 0)] as const],
      ['all', this.#total] as const
    ]
    return lines.map(([name, amount]) => [name, (amount * scale).toFixed(2), (amount / this.#total * 100).toFixed(1)])
  }
}

function addTo (amounts: Map<string, number>, name: string, amount: number): void {
  amounts.set(name, (amounts.get(name) ?? 0) + amount)
}
