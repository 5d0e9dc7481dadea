import Type, { type Static } from 'typebox'
import { centsOf, nanoUsdOfCents } from '../../metering/money.ts'
import type { SpendLimit } from '../../stores/directory.ts'
import { Cents, Currency, Interval } from './money-schema.ts'

/** `shadow` is Tollgate's own: the limit counts and reports, and never denies. */
export const SpendLimitBodySchema = Type.Object({
  threshold_amount: Cents,
  currency: Currency,
  interval: Interval,
  shadow: Type.Optional(Type.Boolean())
}, { additionalProperties: false })
export type SpendLimitBody = Static<typeof SpendLimitBodySchema>

export function spendLimitOf ({ threshold_amount: cents, shadow = false }: SpendLimitBody): SpendLimit {
  return { amountNanoUsd: nanoUsdOfCents(cents), shadow }
}

export function spendLimitFields ({ amountNanoUsd, shadow }: SpendLimit) {
  return { threshold_amount: centsOf(amountNanoUsd), currency: 'USD' as const, interval: 'month' as const, shadow }
}

/** A spend limit as the API shows it. */
export function spendLimitObject<Name extends string> (object: Name, limit: SpendLimit) {
  return { object, ...spendLimitFields(limit), enforcement: { status: limit.shadow ? 'inactive' as const : 'enforcing' as const } }
}
