import type { LimiterState } from '../../metering/account.ts'
import { amountsOfRow } from '../../metering/amounts.ts'
import type { Amounts } from '../../metering/amounts.ts'
import type { Entry } from '../../metering/book.ts'
import { encodeReservation } from '../../metering/reservation.ts'
import type { Reservation } from '../../metering/reservation.ts'
import { parseRow, quoted } from '../../metering/row.ts'
import type { LedgerRow } from '../../metering/row.ts'

/** A change on its way from the journal into the tables: fresh from the book, or read back after a crash. */
export type Change = OpenChange | ReleaseChange | RowChange | LimitersChange

export interface OpenChange {
  readonly type: 'open'
  readonly projectId: string
  readonly rid: string
  readonly period: string
  readonly expiresMs: number
  /** `encodeReservation`. */
  readonly text: string
}

export interface ReleaseChange {
  readonly type: 'release'
  readonly rid: string
}

export interface RowChange extends Pick<LedgerRow, 'rid' | 'period' | 'keyId' | 'model' | 'endpoint'> {
  readonly type: 'row'
  readonly projectId: string
  readonly seq: number
  readonly text: string
  readonly amounts: Amounts
  readonly costNanoUsd: number
}

/** Once a tick, for all that was charged and given back in it. */
export interface LimitersChange {
  readonly type: 'limiters'
  readonly states: readonly LimiterState[]
}

export function changeOf (entry: Entry): Change {
  if (entry.type === 'open') {
    const { reservation, expiresMs } = entry
    const { projectId, rid, period } = reservation
    return { type: 'open', projectId, rid, period, expiresMs, text: encodeReservation(reservation) }
  }
  if (entry.type === 'release') return { type: 'release', rid: entry.reservation.rid }
  const { posting: { reservation, amounts, costNanoUsd }, seq, text } = entry
  return rowChange(reservation.projectId, reservation, seq, text, amounts, costNanoUsd)
}

type Requested = Pick<Reservation, 'rid' | 'period' | 'keyId' | 'model' | 'endpoint'>

function rowChange (projectId: string, { rid, period, keyId, model, endpoint }: Requested, seq: number, text: string, amounts: Amounts, costNanoUsd: number): RowChange {
  return { type: 'row', projectId, rid, period, keyId, model, endpoint, seq, text, amounts, costNanoUsd }
}

/** The changes of one tick, as one journal record. */
export function encodeChanges (changes: readonly Change[]): string {
  return `[${changes.map(encodeChange).join(',')}]`
}

function encodeChange (change: Change): string {
  switch (change.type) {
    case 'open':
      return `["open",${quoted(change.projectId)},"${change.rid}","${change.period}",${change.expiresMs},${change.text}]`
    case 'release':
      return `["release","${change.rid}"]`
    case 'row':
      return `["row",${quoted(change.projectId)},${change.text}]`
    case 'limiters':
      return `["limiters",${JSON.stringify(change.states)}]`
  }
}

type EncodedChange =
  | ['open', projectId: string, rid: string, period: string, expiresMs: number, reservation: unknown[]]
  | ['release', rid: string]
  | ['row', projectId: string, row: unknown[]]
  | ['limiters', states: LimiterState[]]

/** Reads a record of the journal back. */
export function decodeChanges (record: string): Change[] {
  return (JSON.parse(record) as EncodedChange[]).map(decodeChange)
}

function decodeChange (encoded: EncodedChange): Change {
  switch (encoded[0]) {
    case 'open': {
      const [type, projectId, rid, period, expiresMs, reservation] = encoded
      return { type, projectId, rid, period, expiresMs, text: JSON.stringify(reservation) }
    }
    case 'release':
      return { type: 'release', rid: encoded[1] }
    case 'row': {
      const [, projectId, fields] = encoded
      const text = JSON.stringify(fields)
      const row = parseRow(text)
      return rowChange(projectId, row, row.seq, text, amountsOfRow(row), row.costNanoUsd ?? 0)
    }
    case 'limiters':
      return { type: 'limiters', states: encoded[1] }
  }
}
