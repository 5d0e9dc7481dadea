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
    addTo(this.#byLink, linkOf(stack) ?? 'none: Fastify, the connection to the upstream, what runs later', amount)
  }

  /** Tables, the largest first, that add up each; `scale` turns amounts into what `unit` names. */
  toText (what: string, unit: string, scale: number, functions: number): string {
    const tables = [
      // With all that a link calls, but for the links inside it.
      ...this.#byLink.size < 2 ? [] : [['link of the chain', this.#byLink, parts] as const],
      ['part', this.#byPart, parts] as const,
      ['function', this.#byFunction, functions] as const
    ]
    return tables.map(([by, amounts, count]) => table([`${what}, by ${by}`, unit, '%'], this.#rows(amounts, scale, count))).join('\n\n')
  }

  #rows (amounts: ReadonlyMap<string, number>, scale: number, count: number): string[][] {
    const sorted = [...amounts].sort(([, a], [, b]) => b - a)
    const rest = sorted.slice(count).reduce((sum, [, amount]) => sum + amount, 0)
    return [...sorted.slice(0, count), [`${Math.max(0, sorted.length - count)} more`, rest] as const, ['all', this.#total] as const]
      .map(([name, amount]) => [name, (amount * scale).toFixed(2), (amount / this.#total * 100).toFixed(1)])
  }
}

function addTo (amounts: Map<string, number>, name: string, amount: number): void {
  amounts.set(name, (amounts.get(name) ?? 0) + amount)
}
