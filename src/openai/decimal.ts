/** The integer digits of a number and the digits after the point, without a double in between. */
interface Decimal {
  readonly sign: '' | '-'
  readonly whole: string
  readonly rest: string
}

const PLAIN_INTEGER = /^[1-9]\d{0,15}$/
const SPELLING = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** Longer numbers are of no use to the gateway, and `1e999999999` must not become a string of that length. */
const MAX_DIGITS = 40

/** The digits of a number when it is an integer, however it is spelled (`1e3` → `1000`, `1.0` → `1`, `-0` → `0`), else null. */
export function integerDigits (spelling: string): string | null {
  if (PLAIN_INTEGER.test(spelling)) return spelling
  const decimal = timesPowerOfTen(spelling, 0)
  if (decimal === null || /[^0]/.test(decimal.rest)) return null
  return decimal.sign + decimal.whole
}

/** The number times 10^power as an integer, rounded half up; null when it is no number, negative, or beyond 2^53. */
export function scaledInteger (spelling: string, power: number): number | null {
  const decimal = timesPowerOfTen(spelling, power)
  if (decimal === null || decimal.sign === '-') return null
  const scaled = Number(decimal.whole) + (decimal.rest >= '5' ? 1 : 0)
  return Number.isSafeInteger(scaled) ? scaled : null
}

function timesPowerOfTen (spelling: string, power: number): Decimal | null {
  const match = SPELLING.exec(spelling)
  if (match === null) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const digits = (whole + fraction).replace(/^0+/, '')
  if (digits === '') return { sign: '', whole: '0', rest: '' }
  const point = digits.length - fraction.length + Number(exponent) + power
  if (point > MAX_DIGITS) return null
  return {
    sign: sign === '-' ? '-' : '',
    whole: point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0',
    rest: point >= 0 ? digits.slice(point) : '0' + digits
  }
}
