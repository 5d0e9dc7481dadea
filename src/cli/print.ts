import { printTable } from './table.ts'
import type { Row } from './table.ts'

export interface PrintOptions {
  readonly json?: boolean
}

/** For programs the objects as the API gives them, for people a table. */
export function printList<Item> (items: readonly Item[], { json }: PrintOptions, toRow: (item: Item) => Row): void {
  if (json === true) printJson(items)
  else process.stdout.write(printTable(items.map(toRow)))
}

export function printJson (value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

/** Unix seconds as `2026-11-22 18:30`, UTC. */
export function printTime (seconds: number | null): string | null {
  return seconds === null ? null : new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')
}
