import Type from 'typebox'

/** 10 million USD: in nano-USD still an exact number, with room for sums. */
const maxCents = 900_000_000

export const Cents = Type.Integer({ minimum: 0, maximum: maxCents })
export const PositiveCents = Type.Integer({ minimum: 1, maximum: maxCents })
export const Currency = Type.Enum(['USD'])
export const Interval = Type.Enum(['month'])
