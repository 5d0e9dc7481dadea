import { addAmounts, amountNames, noAmounts } from '../../metering/amounts.ts'
import { mintedAt } from '../../metering/reservation.ts'
import { checkOf } from '../../metering/row.ts'
import { floorTo, hourMs, minuteMs } from '../../metering/usage.ts'
import type { UsageCell } from '../../metering/usage.ts'
import type { Database } from './database.ts'
import type { Change, LimitersChange, OpenChange, RowChange } from './ledger-journal.ts'

/** Columns of the amounts, in their order. */
export const amountColumns = amountNames.map(name => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`))

const insertRow = 'INSERT INTO ledger_rows VALUES (?, ?, ?, ?, ?)'
/** Rows of one statement: a quarter cheaper than one by one; more at once gain no more. */
const rowsAtOnce = 16
const insertRows = insertRow + ', (?, ?, ?, ?, ?)'.repeat(rowsAtOnce - 1)
const putSeq = 'INSERT INTO ledger_projects (project, seq) VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq'
const putOpen = 'INSERT OR REPLACE INTO ledger_open VALUES (?, ?, ?, ?, ?)'
const dropOpen = 'DELETE FROM ledger_open WHERE rid IN (SELECT value FROM json_each(?))'
const putLimiter = 'INSERT OR REPLACE INTO ledger_limiters VALUES (?, ?, ?)'
const addSpend = 'INSERT INTO ledger_spends VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET spent = spent + excluded.spent'
const addHour = addTo('ledger_hours')
const addMinute = addTo('ledger_minutes')

/**
 * Writes changes into the tables, within the caller's transaction, all of one fold at once: most requests open and close within
 * one, and their sums, limiters and spend are then written once for all of them.
 */
export class LedgerFold {
  readonly #db: Database
  /** Rids in `ledger_open`: most requests never get there, and nothing has to be deleted for them. */
  readonly #stored: Set<string>

  constructor (db: Database) {
    this.#db = db
    this.#stored = new Set(db.all('SELECT rid FROM ledger_open').map(({ rid }) => String(rid)))
  }

  write (changes: readonly Change[]): void {
    const rows = changes.filter(change => change.type === 'row')
    this.#writeRows(rows)
    this.#writeOpen(changes)
    for (const state of lastLimiters(changes)) this.#db.run(putLimiter, ...state)
    for (const spend of spendsOf(rows)) this.#db.run(addSpend, ...spend)
    const minutes = minutesOf(rows)
    for (const cell of minutes) this.#addCell(addMinute, cell)
    for (const cell of hoursOf(minutes)) this.#addCell(addHour, cell)
  }

  /** The changes that were written are there for good. */
  committed (changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.type === 'open') this.#stored.add(change.rid)
      else if (change.type !== 'limiters') this.#stored.delete(change.rid)
    }
  }

  #writeRows (rows: readonly RowChange[]): void {
    const whole = rows.length - rows.length % rowsAtOnce
    for (let from = 0; from < whole; from += rowsAtOnce) this.#db.run(insertRows, ...rows.slice(from, from + rowsAtOnce).flatMap(columnsOf))
    for (const row of rows.slice(whole)) this.#db.run(insertRow, ...columnsOf(row))
    for (const [projectId, seq] of new Map(rows.map(({ projectId, seq }) => [projectId, seq]))) this.#db.run(putSeq, projectId, seq)
  }

  #writeOpen (changes: readonly Change[]): void {
    const open = new Map<string, OpenChange>()
    const ended = new Set<string>()
    for (const change of changes) {
      if (change.type === 'open') {
        open.set(change.rid, change)
        ended.delete(change.rid)
      } else if (change.type !== 'limiters') {
        open.delete(change.rid)
        if (this.#stored.has(change.rid)) ended.add(change.rid)
      }
    }
    for (const { rid, projectId, period, expiresMs, text } of open.values()) this.#db.run(putOpen, rid, projectId, period, expiresMs, text)
    if (ended.size > 0) this.#db.run(dropOpen, JSON.stringify([...ended]))
  }

  #addCell (sql: string, { projectId, startMs, endpoint, keyId, model, amounts }: Cell): void {
    this.#db.run(sql, projectId, startMs, endpoint, keyId, model, ...amounts)
  }
}

function columnsOf ({ projectId, seq, rid, text }: RowChange): [string, number, string, string, string] {
  return [projectId, seq, rid, text, checkOf(text)]
}

function lastLimiters (changes: readonly Change[]): Iterable<LimitersChange['states'][number]> {
  const last = new Map<string, LimitersChange['states'][number]>()
  for (const change of changes) {
    if (change.type !== 'limiters') continue
    for (const state of change.states) last.set(`${state[0]} ${state[1]}`, state)
  }
  return last.values()
}

type Spend = [projectId: string, period: string, spender: string, costNanoUsd: number]

/** Of each project and of each of its keys. */
function spendsOf (rows: readonly RowChange[]): Spend[] {
  const ofKeys = sum(rows, ({ projectId, period, keyId, costNanoUsd }) => [projectId, period, keyId, costNanoUsd])
  return [...ofKeys, ...sum(ofKeys, ([projectId, period, , costNanoUsd]) => [projectId, period, '', costNanoUsd])]
}

function sum<Item> (items: readonly Item[], spendOf: (item: Item) => Spend): Spend[] {
  const sums = new Map<string, Spend>()
  for (const item of items) {
    const spend = spendOf(item)
    const name = `${spend[0]} ${spend[1]} ${spend[2]}`
    const known = sums.get(name)
    if (known === undefined) sums.set(name, spend)
    else known[3] += spend[3]
  }
  return [...sums.values()]
}

interface Cell extends UsageCell {
  readonly amounts: number[]
}

function minutesOf (rows: readonly RowChange[]): Cell[] {
  const cells = new Cells()
  for (const row of rows) cells.add(row, floorTo(mintedAt(row.rid), minuteMs))
  return cells.all()
}

function hoursOf (minutes: readonly Cell[]): Cell[] {
  const cells = new Cells()
  for (const cell of minutes) cells.add(cell, floorTo(cell.startMs, hourMs))
  return cells.all()
}

/** Sums up what belongs together. */
class Cells {
  readonly #cells = new Map<string, Cell>()
  /** Neighbours often belong together, and comparing them costs less than putting a name together. */
  #last: Cell | null = null

  add (one: Omit<UsageCell, 'startMs'>, startMs: number): void {
    if (this.#last === null || !belongs(one, startMs, this.#last)) this.#last = this.#find(one, startMs)
    addAmounts(this.#last.amounts, one.amounts)
  }

  all (): Cell[] {
    return [...this.#cells.values()]
  }

  #find ({ projectId, endpoint, keyId, model }: Omit<UsageCell, 'startMs'>, startMs: number): Cell {
    const name = `${projectId} ${startMs} ${endpoint} ${keyId} ${model}`
    let cell = this.#cells.get(name)
    if (cell === undefined) this.#cells.set(name, cell = { projectId, startMs, endpoint, keyId, model, amounts: noAmounts() })
    return cell
  }
}

function belongs ({ projectId, endpoint, keyId, model }: Omit<UsageCell, 'startMs'>, startMs: number, cell: Cell): boolean {
  return startMs === cell.startMs && keyId === cell.keyId && model === cell.model && projectId === cell.projectId && endpoint === cell.endpoint
}

function addTo (table: string): string {
  const values = ['?', '?', '?', '?', '?', ...amountColumns.map(() => '?')].join(', ')
  const sums = amountColumns.map(column => `${column} = ${column} + excluded.${column}`).join(', ')
  return `INSERT INTO ${table} VALUES (${values}) ON CONFLICT DO UPDATE SET ${sums}`
}
