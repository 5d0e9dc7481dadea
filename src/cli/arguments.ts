import { InvalidArgumentError } from 'commander'
import { readDuration, Unreadable } from '../config/notation.ts'

/** `24h` as whole seconds. */
export function seconds (written: string): number {
  try {
    return Math.ceil(readDuration(written) / 1000)
  } catch (error) {
    if (error instanceof Unreadable) throw new InvalidArgumentError(error.message)
    throw error
  }
}

/** The largest limit of the admin API, where the next number stands for "no limit". */
const largestCount = 2 ** 31 - 2

/** A whole number, or `none`. */
export function countOrNone (written: string): number | 'none' {
  return written === 'none' ? written : count(written)
}

export function count (written: string): number {
  if (!/^\d{1,10}$/.test(written) || Number(written) > largestCount) throw new InvalidArgumentError(`must be a whole number, ${largestCount} at most`)
  return Number(written)
}

/** US dollars as whole cents, or `none` as null. */
export function centsOrNone (written: string): number | null {
  if (written === 'none') return null
  const [, dollars, cents = ''] = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(written) ?? []
  if (dollars === undefined) throw new InvalidArgumentError('must be US dollars such as 250 or 99.50, or none')
  return Number(dollars) * 100 + Number(cents.padEnd(2, '0'))
}
