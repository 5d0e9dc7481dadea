import { amountsOf } from './amounts.ts'
import type { Amounts } from './amounts.ts'
import type { BucketCharge, Reservation } from './reservation.ts'
import { chargeMicros } from './gcra.ts'
import { rowTail } from './row.ts'
import type { Outcome, RowKind } from './row.ts'

/** A row on its way into the ledger, whichever store keeps it. */
export interface Posting {
  readonly kind: RowKind
  readonly reservation: Reservation
  readonly outcome: Outcome
  readonly tail: string
  readonly amounts: Amounts
  /** What it adds to the month's spend. */
  readonly costNanoUsd: number
}

export function postingOf (kind: RowKind, reservation: Reservation, outcome: Outcome): Posting {
  return {
    kind,
    reservation,
    outcome,
    tail: rowTail(kind, reservation, outcome),
    amounts: amountsOf(kind, outcome),
    costNanoUsd: outcome.costNanoUsd ?? 0
  }
}

/** A bucket's charge, as it was reserved and as it turned out, µs. */
export interface Refund {
  readonly bucket: BucketCharge
  readonly reserved: number
  readonly actual: number
}

/** What a posting gives back to the buckets. An estimate gives nothing back: by the time a lease has run out, they have refilled. */
export function refundsOf ({ kind, reservation, outcome }: Posting): Refund[] {
  if (kind === 'estimated') return []
  const { inputTokens, outputTokens } = outcome.usage
  const requests = kind === 'void' ? 0 : 1
  return reservation.buckets.map(bucket => {
    const reserved = bucket.tokens ? reservation.tokens : 1
    const actual = bucket.tokens ? inputTokens + outputTokens : requests
    return {
      bucket,
      reserved: chargeMicros(reserved, bucket.limit, bucket.window),
      actual: chargeMicros(actual, bucket.limit, bucket.window)
    }
  })
}
