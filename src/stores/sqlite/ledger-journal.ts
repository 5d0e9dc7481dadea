import type { LimiterState } from '../../metering/account.ts'
import { amountsOfRow } from '../../metering/amounts.ts'
import type { Amounts } from '../../metering/amounts.ts'
import type { Entry } from '../../metering/book.ts'
import { encodeReservation } from '../../metering/reservation.ts'
import type { Reservation } from '../../metering/reservation.ts'
import { parseRow, quoted } from '../../metering/row.ts'
import type { LedgerRow } from '../../metering/row.ts'

/** A change on its way from the journal into the tables: fresh from the book, or read back after a crash. */
export type Change = OpenChange | ReleaseChange | RowChange

export interface OpenChange {
  readonly type: 'open'
  readonly projectId: string
  readonly rid: string
  readonly period: string
  readonly expiresMs: number
  /** `encodeReservation`. */
  readonly text: string
  readonly limiters: readonly LimiterState[]
}

export interface ReleaseChange {
  readonly type: 'release'
  readonly projectId: string
  readonly rid: string
  readonly limiters: readonly []
}

export interface RowChange extends Pick<LedgerRow, 'rid' | 'period' | 'keyId' | 'model' | 'endpoint'> {
  readonly type: 'row'
  readonly projectId: string
  readonly seq: number
  readonly text: string
  readonly amounts: Amounts
  readonly costNanoUsd: number
  readonly limiters: readonly LimiterState[]
}

export function changeOf (entry: Entry): Change {
  if (entry.type === 'open') {
    const { reservation, expiresMs, limiters } = entry
    const { projectId, rid, period } = reservation
    return { type: 'open', projectId, rid, period, expiresMs, text: encodeReservation(reservation), limiters }
  }
  if (entry.type === 'release') return releaseChange(entry.reservation.projectId, entry.reservation.rid)
  const { posting: { reservation, amounts, costNanoUsd }, seq, text, limiters } = entry
  return rowChange(reservation.projectId, reservation, seq, text, amounts, costNanoUsd, limiters)
}

function releaseChange (projectId: string, rid: string): ReleaseChange {
  return { type: 'release', projectId, rid, limiters: [] }
}

type Requested = Pick<Reservation, 'rid' | 'period' | 'keyId' | 'model' | 'endpoint'>

function rowChange (projectId: string, { rid, period, keyId, model, endpoint }: Requested, seq: number, text: string, amounts: Amounts, costNanoUsd: number, limiters: readonly LimiterState[]): RowChange {
  return { type: 'row', projectId, rid, period, keyId, model, endpoint, seq, text, amounts, costNanoUsd, limiters }
}

/** The changes of one tick, as one journal record. */
export function encodeChanges (changes: readonly Change[]): string {
  return `[${changes.map(encodeChange).join(',')}]`
}

function encodeChange (change: Change): string {
  const project = quoted(change.projectId)
  if (change.type === 'release') return `["release",${project},"${change.rid}"]`
  const limiters = JSON.stringify(change.limiters)
  return change.type === 'open'
    ? `["open",${project},"${change.rid}","${change.period}",${change.expiresMs},${change.text},${limiters}]`
    : `["row",${project},${change.text},${limiters}]`
}

type EncodedChange =
  | ['open', projectId: string, rid: string, period: string, expiresMs: number, reservation: unknown[], limiters: LimiterState[]]
  | ['release', projectId: string, rid: string]
  | ['row', projectId: string, row: unknown[], limiters: LimiterState[]]

/** Reads a record of the journal back. */
export function decodeChanges (record: string): Change[] {
  return (JSON.parse(record) as EncodedChange[]).map(encoded => {
    if (encoded[0] === 'open') {
      const [, projectId, rid, period, expiresMs, reservation, limiters] = encoded
      return { type: 'open', projectId, rid, period, expiresMs, text: JSON.stringify(reservation), limiters }
    }
    if (encoded[0] === 'release') return releaseChange(encoded[1], encoded[2])
    const [, projectId, fields, limiters] = encoded
    const text = JSON.stringify(fields)
    const row = parseRow(text)
    return rowChange(projectId, row, row.seq, text, amountsOfRow(row), row.costNanoUsd ?? 0, limiters)
  })
}
