import { addAmounts, amountNames, amountsOfRow, noAmounts } from './amounts.ts'
import type { Amounts } from './amounts.ts'
import { mintedAt } from './reservation.ts'
import type { Reservation } from './reservation.ts'
import { checkOf, parseRow } from './row.ts'
import type { LedgerRow } from './row.ts'
import { floorTo } from './usage.ts'
import type { UsageCell } from './usage.ts'

/** A row as a store keeps it. */
export interface StoredRow {
  readonly seq: number
  readonly text: string
  readonly check: string
}

/** What is wrong, and with what. */
export interface Difference {
  readonly projectId: string
  /** `row 17`, `aggregate 2026-11-22T13:00Z …`, `spend 2026-11 …`. */
  readonly name: string
  readonly found: string
  readonly expected: string
}

/** Names the hour, endpoint, key and model of a sum. */
export function cellName ({ startMs, endpoint, keyId, model }: Pick<UsageCell, 'startMs' | 'endpoint' | 'keyId' | 'model'>): string {
  return JSON.stringify([startMs, endpoint, keyId, model])
}

/** Reads a stored row, or says what is wrong with it. `seq` is the number that it must have. */
export function checkRow (projectId: string, { seq, text, check }: StoredRow, expectedSeq: number): LedgerRow | Difference {
  const name = `row ${expectedSeq}`
  if (seq !== expectedSeq) return { projectId, name, found: `row ${seq}`, expected: name }
  if (checkOf(text) !== check) return { projectId, name, found: text, expected: `a text with the check ${check}` }
  const row = parseRow(text)
  return row.seq === seq ? row : { projectId, name, found: text, expected: `the number ${seq}` }
}

export function isDifference (result: LedgerRow | Difference): result is Difference {
  return 'expected' in result
}

/** Sums of rows, held against the sums that the store kept while they were written. */
export class Tally {
  readonly #sums = new Map<string, number[]>()

  add (name: string, amounts: Amounts): void {
    let sum = this.#sums.get(name)
    if (sum === undefined) {
      sum = noAmounts()
      this.#sums.set(name, sum)
    }
    addAmounts(sum, amounts)
  }

  /** `size` is the width of one sum, ms. */
  addRow (row: LedgerRow, size: number): void {
    this.add(cellName({ ...row, startMs: floorTo(mintedAt(row.rid), size) }), amountsOfRow(row))
  }

  /** What differs from the stored cells, in both directions. */
  differences (projectId: string, stored: ReadonlyMap<string, Amounts>): Difference[] {
    const names = new Set([...this.#sums.keys(), ...stored.keys()])
    return [...names].flatMap(name => amountNames.flatMap((amount, index) => {
      const expected = this.#sums.get(name)?.[index] ?? 0
      const found = stored.get(name)?.[index] ?? 0
      return expected === found ? [] : [difference(projectId, `aggregate ${spelled(name)} ${amount}`, found, expected)]
    }))
  }
}

/** A spender's month, as a store keeps it. `''` is the project as a whole. */
export interface StoredSpend {
  readonly spender: string
  readonly spent: number
  readonly reserved: number
}

/** What a month's rows and open reservations amount to, held against the counters. */
export class SpendTally {
  readonly #spent = new Map<string, number>()
  readonly #reserved = new Map<string, number>()

  addRow ({ keyId, costNanoUsd }: LedgerRow): void {
    addBoth(this.#spent, keyId, costNanoUsd ?? 0)
  }

  addOpen ({ keyId, costNanoUsd }: Reservation): void {
    addBoth(this.#reserved, keyId, costNanoUsd)
  }

  differences (projectId: string, period: string, stored: readonly StoredSpend[]): Difference[] {
    const byName = new Map(stored.map(spend => [spend.spender, spend]))
    const names = new Set([...this.#spent.keys(), ...this.#reserved.keys(), ...byName.keys()])
    return [...names].flatMap(spender => {
      const name = `spend ${period} ${spender === '' ? 'of the project' : `of ${spender}`}`
      const { spent = 0, reserved = 0 } = byName.get(spender) ?? {}
      return [
        ...compare(projectId, name, spent, this.#spent.get(spender) ?? 0),
        ...compare(projectId, `${name}, reserved`, reserved, this.#reserved.get(spender) ?? 0)
      ]
    })
  }
}

function compare (projectId: string, name: string, found: number, expected: number): Difference[] {
  return found === expected ? [] : [difference(projectId, name, found, expected)]
}

function difference (projectId: string, name: string, found: number, expected: number): Difference {
  return { projectId, name, found: String(found), expected: String(expected) }
}

function addBoth (sums: Map<string, number>, keyId: string, amount: number): void {
  for (const spender of ['', keyId]) sums.set(spender, (sums.get(spender) ?? 0) + amount)
}

function spelled (cell: string): string {
  const [startMs, endpoint, keyId, model] = JSON.parse(cell) as [number, string, string, string]
  return `${new Date(startMs).toISOString()} ${endpoint} ${keyId} ${model}`
}
