import type { Amounts } from '../../metering/amounts.ts'
import { cellName } from '../../metering/audit.ts'
import type { StoredRow, StoredSpend } from '../../metering/audit.ts'
import { decodeReservation } from '../../metering/reservation.ts'
import type { Reservation } from '../../metering/reservation.ts'
import { parseRow } from '../../metering/row.ts'
import { dayMs, hourMs, hoursKeptMs, minutesKeptMs, spanOf, usagePage } from '../../metering/usage.ts'
import type { UsageCell, UsagePage, UsageQuery } from '../../metering/usage.ts'
import type { Endpoint } from '../../openai/call.ts'
import type { FoundRequest, MonthSums, SpanSums } from '../ledger.ts'
import type { Database, Row } from './database.ts'
import { amountColumns } from './ledger-fold.ts'

/** Everything that reads or tidies the ledger at its leisure. Runs in a thread of its own (`ledger-worker.ts`). */
export const ledgerReads = { usage, projectIds, rows, find, daySums, hourSums, monthSums, lastSeq, exported, markExported, trim, prune, checkpoint }

/** As the thread is asked for them: it has the database. */
export type LedgerReads = {
  readonly [Name in keyof typeof ledgerReads]: (typeof ledgerReads)[Name] extends (db: Database, ...args: infer Args) => infer Result ? (...args: Args) => Result : never
}

const trimmedAtOnce = 500

/**
 * Node refuses to read an integer beyond 2^53, which a provider that names absurd prices makes of a sum: as a real number, it is
 * read, and exact below that.
 */
export const spentSums = 'SELECT project, period, spender, CAST(spent AS REAL) AS spent FROM ledger_spends'

const cellColumns = ['project', 'start', 'endpoint', 'key', 'model', ...amountColumns.map(column => `CAST(${column} AS REAL) AS ${column}`)].join(', ')

function usage (db: Database, query: UsageQuery): UsagePage {
  const { startMs, endMs } = spanOf(query)
  const table = query.width === 'minute' ? 'ledger_minutes' : 'ledger_hours'
  const cells = [...new Set(query.projectIds ?? projectIds(db))].flatMap(projectId =>
    db.all(`SELECT ${cellColumns} FROM ${table} WHERE project = ? AND start >= ? AND start < ?`, projectId, startMs, endMs).map(toCell))
  return usagePage(query, cells)
}

function projectIds (db: Database): string[] {
  return db.all('SELECT project FROM ledger_projects ORDER BY project').map(({ project }) => String(project))
}

function rows (db: Database, projectId: string, after: number, limit: number): StoredRow[] {
  return db.all('SELECT seq, text, checksum FROM ledger_rows WHERE project = ? AND seq > ? ORDER BY seq LIMIT ?', projectId, after, limit)
    .map(({ seq, text, checksum }) => ({ seq: Number(seq), text: String(text), check: String(checksum) }))
}

function find (db: Database, rid: string): FoundRequest | null {
  return atOneMoment(db, () => {
    const rows = db.all('SELECT project, text FROM ledger_rows WHERE rid = ? ORDER BY seq', rid)
    const open = db.get('SELECT project, period, text FROM ledger_open WHERE rid = ?', rid)
    const project = rows[0]?.project ?? open?.project
    if (project === undefined) return null
    return {
      projectId: String(project),
      rows: rows.map(({ text }) => parseRow(String(text))),
      open: open === null ? null : decodeReservation(String(open.project), String(open.period), String(open.text))
    }
  })
}

function daySums (db: Database, projectId: string, dayStartMs: number): SpanSums {
  return sums(db, 'ledger_hours', projectId, dayStartMs, dayMs)
}

function hourSums (db: Database, projectId: string, hourStartMs: number): SpanSums {
  return sums(db, 'ledger_minutes', projectId, hourStartMs, hourMs)
}

function sums (db: Database, table: 'ledger_hours' | 'ledger_minutes', projectId: string, startMs: number, span: number): SpanSums {
  return atOneMoment(db, () => {
    const cells = db.all(`SELECT ${cellColumns} FROM ${table} WHERE project = ? AND start >= ? AND start < ?`, projectId, startMs, startMs + span).map(toCell)
    return { seq: lastSeq(db, projectId), cells: new Map(cells.map(cell => [cellName(cell), cell.amounts])) }
  })
}

function monthSums (db: Database, projectId: string, period: string): MonthSums {
  return atOneMoment(db, () => {
    const open = db.all('SELECT text FROM ledger_open WHERE project = ? AND period = ?', projectId, period)
      .map(({ text }) => decodeReservation(projectId, period, String(text)))
    const spent = db.all(`${spentSums} WHERE project = ? AND period = ?`, projectId, period)
    return { seq: lastSeq(db, projectId), spends: toSpends(spent, open), open }
  })
}

/** What is reserved is not kept: it is the sum of the open reservations, also of a key that has spent nothing yet. */
function toSpends (rows: readonly Row[], open: readonly Reservation[]): StoredSpend[] {
  const spent = new Map(rows.map(({ spender, spent }) => [String(spender), Number(spent)]))
  const reserved = new Map<string, number>()
  for (const { keyId, costNanoUsd } of open) {
    for (const spender of ['', keyId]) reserved.set(spender, (reserved.get(spender) ?? 0) + costNanoUsd)
  }
  const spenders = new Set([...spent.keys(), ...reserved.keys()])
  return [...spenders].map(spender => ({ spender, spent: spent.get(spender) ?? 0, reserved: reserved.get(spender) ?? 0 }))
}

function exported (db: Database, projectId: string): number {
  return Number(db.get('SELECT exported FROM ledger_projects WHERE project = ?', projectId)?.exported ?? 0)
}

function markExported (db: Database, projectId: string, seq: number): void {
  db.run('UPDATE ledger_projects SET exported = ? WHERE project = ?', seq, projectId)
}

/** Piece by piece: a long transaction would make admissions wait. */
function trim (db: Database, projectId: string, upTo: number): void {
  const last = Math.min(upTo, exported(db, projectId))
  const first = Number(db.get('SELECT min(seq) AS seq FROM ledger_rows WHERE project = ?', projectId)?.seq ?? 0)
  for (let seq = first; seq <= last; seq += trimmedAtOnce) {
    db.run('DELETE FROM ledger_rows WHERE project = ? AND seq <= ?', projectId, Math.min(seq + trimmedAtOnce - 1, last))
  }
}

/** Drops the sums that are older than they are kept, and buckets that are full again. */
function prune (db: Database, nowMs: number): void {
  for (const projectId of projectIds(db)) {
    db.run('DELETE FROM ledger_minutes WHERE project = ? AND start < ?', projectId, nowMs - minutesKeptMs)
    db.run('DELETE FROM ledger_hours WHERE project = ? AND start < ?', projectId, nowMs - hoursKeptMs)
    db.run('DELETE FROM ledger_limiters WHERE project = ? AND tat < ?', projectId, nowMs * 1000)
  }
}

/** Moves what can be moved from the write-ahead log into the database file, without getting in a writer's way. */
function checkpoint (db: Database): void {
  db.all('PRAGMA wal_checkpoint(PASSIVE)')
}

function atOneMoment<Result> (db: Database, read: () => Result): Result {
  db.run('BEGIN')
  try {
    return read()
  } finally {
    db.run('COMMIT')
  }
}

function lastSeq (db: Database, projectId: string): number {
  return Number(db.get('SELECT seq FROM ledger_projects WHERE project = ?', projectId)?.seq ?? 0)
}

function toCell (row: Row): UsageCell {
  return {
    projectId: String(row.project),
    startMs: Number(row.start),
    endpoint: row.endpoint as Endpoint,
    keyId: String(row.key),
    model: String(row.model),
    amounts: amountColumns.map(column => Number(row[column])) satisfies Amounts
  }
}
