import { addAmounts, amountNames, noAmounts } from '../../metering/amounts.ts'
import { mintedAt } from '../../metering/reservation.ts'
import { checkOf } from '../../metering/row.ts'
import { floorTo, hourMs, minuteMs } from '../../metering/usage.ts'
import type { Database } from './database.ts'
import type { Change, RowChange } from './ledger-journal.ts'

/** Columns of the amounts, in their order. */
export const amountColumns = amountNames.map(name => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`))

const insertRow = 'INSERT INTO ledger_rows VALUES (?, ?, ?, ?, ?)'
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
export function fold (db: Database, changes: readonly Change[]): void {
  const rows = changes.filter(change => change.type === 'row')
  for (const { projectId, seq, rid, text } of rows) db.run(insertRow, projectId, seq, rid, text, checkOf(text))
  for (const { projectId, seq } of lastBy(rows, ({ projectId }) => projectId)) db.run(putSeq, projectId, seq)
  foldOpen(db, changes)
  foldLimiters(db, changes)
  foldSpends(db, rows)
  for (const cell of cellsOf(rows, hourMs)) addCell(db, addHour, cell)
  for (const cell of cellsOf(rows, minuteMs)) addCell(db, addMinute, cell)
}

/** The rows' reservations go all at once: most of them were never here, and a statement for each costs more than the search. */
function foldOpen (db: Database, changes: readonly Change[]): void {
  const ended: string[] = []
  for (const change of lastBy(changes, ({ rid }) => rid)) {
    if (change.type === 'open') db.run(putOpen, change.rid, change.projectId, change.period, change.expiresMs, change.text)
    else ended.push(change.rid)
  }
  if (ended.length > 0) db.run(dropOpen, JSON.stringify(ended))
}

function foldLimiters (db: Database, changes: readonly Change[]): void {
  const last = new Map<string, readonly [projectId: string, limiter: string, tat: number]>()
  for (const { projectId, limiters } of changes) {
    for (const [limiter, tat] of limiters) last.set(`${projectId} ${limiter}`, [projectId, limiter, tat])
  }
  for (const state of last.values()) db.run(putLimiter, ...state)
}

function foldSpends (db: Database, rows: readonly RowChange[]): void {
  const spent = new Map<string, [projectId: string, period: string, spender: string, costNanoUsd: number]>()
  for (const { projectId, period, keyId, costNanoUsd } of rows) {
    for (const spender of ['', keyId]) {
      const name = `${projectId} ${period} ${spender}`
      const sum = spent.get(name)
      if (sum === undefined) spent.set(name, [projectId, period, spender, costNanoUsd])
      else sum[3] += costNanoUsd
    }
  }
  for (const sum of spent.values()) db.run(addSpend, ...sum)
}

interface Cell {
  readonly start: number
  /** Any of the rows that are summed up. */
  readonly row: RowChange
  readonly sum: number[]
}

function cellsOf (rows: readonly RowChange[], width: number): Iterable<Cell> {
  const cells = new Map<string, Cell>()
  for (const row of rows) {
    const start = floorTo(mintedAt(row.rid), width)
    const name = `${row.projectId} ${start} ${row.endpoint} ${row.keyId} ${row.model}`
    let cell = cells.get(name)
    if (cell === undefined) {
      cell = { start, row, sum: noAmounts() }
      cells.set(name, cell)
    }
    addAmounts(cell.sum, row.amounts)
  }
  return cells.values()
}

function addCell (db: Database, sql: string, { start, row: { projectId, endpoint, keyId, model }, sum }: Cell): void {
  db.run(sql, projectId, start, endpoint, keyId, model, ...sum)
}

function addTo (table: string): string {
  const values = ['?', '?', '?', '?', '?', ...amountColumns.map(() => '?')].join(', ')
  const sums = amountColumns.map(column => `${column} = ${column} + excluded.${column}`).join(', ')
  return `INSERT INTO ${table} VALUES (${values}) ON CONFLICT DO UPDATE SET ${sums}`
}

/** Of each name, the last item. */
function lastBy<Item> (items: readonly Item[], nameOf: (item: Item) => string): Iterable<Item> {
  const last = new Map<string, Item>()
  for (const item of items) last.set(nameOf(item), item)
  return last.values()
}
