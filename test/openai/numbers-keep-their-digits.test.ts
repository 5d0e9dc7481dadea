import fc from 'fast-check'
import { test } from 'tap'
import { integerDigits, scaledInteger } from '../../src/openai/decimal.ts'
import { nanoUsd } from '../../src/openai/usage.ts'
import { holds } from './holds.ts'

const exact = fc.tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.nat(20))

test('an integer keeps its digits through every spelling', async t => {
  holds(t, fc.property(exact, ([integer, shift]) => {
    const digits = String(integer)
    const spellings = [digits, `${digits}.0`, `${digits}.000e0`, `${digits}${'0'.repeat(shift)}E-${shift}`, `${pointAt(integer, shift)}e${shift}`]
    return spellings.every(spelling => integerDigits(spelling) === digits)
  }))
})

test('what is not whole is no integer', async t => {
  for (const spelling of ['0.5', '1e-1', '123e-3', '-1.0001', '0.00000000000000000000000000000000000001', '1e41', '1e999999999', '-1e999999999', '1e-999999999', '', 'x', '1,5', 'NaN', 'Infinity', '0x10', '1_000']) {
    t.equal(integerDigits(spelling), null, spelling)
  }
})

test('money is scaled without a double in between, and rounded half up', async t => {
  for (const [dollars, nano] of [
    ['0.001240000', 1_240_000], [0.00124, 1_240_000], ['0', 0], [0, 0], ['0.0', 0], ['-0', 0], ['1', 1e9], ['1e-9', 1], [1e-7, 100], ['0.0000000005', 1], ['0.00000000049999', 0], ['1e-999999999', 0],
    ['0.1', 100_000_000], ['0.3', 300_000_000], [0.1 + 0.2, 300_000_000], ['9007199.254740991', Number.MAX_SAFE_INTEGER], [' 0.5 ', 500_000_000]
  ] as const) t.equal(nanoUsd(dollars), nano, String(dollars))
})

test('what is no amount of money is null', async t => {
  for (const nonsense of [-1, '-0.000001', NaN, Infinity, -Infinity, '1e400', 1e300, '9007199.254740992', '', ' ', 'free', '$1', '1,5', null, undefined, true, [], {}, '0x1']) t.equal(nanoUsd(nonsense), null, String(nonsense))
})

test('scaling agrees with exact arithmetic', async t => {
  holds(t, fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.nat(15), fc.nat(12), (integer, places, power) => {
    const scaled = (integer * 10n ** BigInt(power) * 10n + 5n * 10n ** BigInt(places)) / (10n ** BigInt(places) * 10n)
    return scaledInteger(pointAt(integer, places), power) === (scaled <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(scaled) : null)
  }), { numRuns: 1000 })
})

/** The integer times 10^-places, spelled with a point. */
function pointAt (integer: bigint, places: number): string {
  const digits = String(integer < 0n ? -integer : integer).padStart(places + 1, '0')
  return `${integer < 0n ? '-' : ''}${digits.slice(0, digits.length - places)}.${digits.slice(digits.length - places)}0`
}
