import Type from 'typebox'

/** OpenAI's API counts money in whole US cents, the directory in nano-USD. */
const nanoUsdPerCent = 10_000_000
/** 10 million USD: in nano-USD still an exact number, with room for sums. */
const maxCents = 900_000_000

export const Cents = Type.Integer({ minimum: 0, maximum: maxCents })
export const PositiveCents = Type.Integer({ minimum: 1, maximum: maxCents })
export const Currency = Type.Enum(['USD'])
export const Interval = Type.Enum(['month'])

export function toNanoUsd (cents: number): number {
  return cents * nanoUsdPerCent
}

/** Rounded: the configuration file may set fractions of a cent. */
export function toCents (nanoUsd: number): number {
  return Math.round(nanoUsd / nanoUsdPerCent)
}
