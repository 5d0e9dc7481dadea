import { table } from '../report/table.ts'
import { nameOf, partOf } from './place.ts'
import type { CallFrame } from './place.ts'

/** Amounts by function and by part of the program. */
export class Tally {
  readonly #byFunction = new Map<string, number>()
  readonly #byPart = new Map<string, number>()
  #total = 0

  add (frame: CallFrame, amount: number): void {
    this.#total += amount
    addTo(this.#byFunction, nameOf(frame), amount)
    addTo(this.#byPart, partOf(frame), amount)
  }

  /** Two tables, the largest first; `scale` turns amounts into what `unit` names. */
  toText (what: string, unit: string, scale: number, functions: number): string {
    return [
      table([`${what}, by part`, unit, '%'], this.#rows(this.#byPart, scale, 30)),
      table([`${what}, by function`, unit, '%'], this.#rows(this.#byFunction, scale, functions))
    ].join('\n\n')
  }

  #rows (amounts: ReadonlyMap<string, number>, scale: number, count: number): string[][] {
    return [...amounts].sort(([, a], [, b]) => b - a).slice(0, count)
      .map(([name, amount]) => [name, (amount * scale).toFixed(2), (amount / this.#total * 100).toFixed(1)])
  }
}

function addTo (amounts: Map<string, number>, name: string, amount: number): void {
  amounts.set(name, (amounts.get(name) ?? 0) + amount)
}
