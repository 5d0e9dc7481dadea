import fc from 'fast-check'
import { test } from 'tap'
import { commonSlope } from '../../bench/measure/slope.ts'
import type { Point } from '../../bench/measure/slope.ts'

/** Nine works in rounds of 48 s, for ten minutes; the level of each, MB. */
const rounds = 12
const levels = fc.array(fc.nat({ max: 40 }), { minLength: 9, maxLength: 9 })
/** MB by which a reading is off. */
const noise = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 9 * rounds, maxLength: 9 * rounds })

/** Memory after each turn, MB by tens of minutes, a series for each work. */
function memory (needs: number[], more: (tenMinutes: number, turn: number) => number): Point[][] {
  return needs.map((level, work) => Array.from({ length: rounds }, (_, round) => {
    const turn = round * needs.length + work
    const tenMinutes = turn / (needs.length * rounds)
    return [tenMinutes, 200 + level + more(tenMinutes, turn)] as const
  }))
}

test('what comes and goes with the works has no slope', async t => {
  fc.assert(fc.property(levels, needs => Math.abs(commonSlope(memory(needs, () => 0)).slope) < 1e-9))
  t.pass('whatever they need')
})

test('a leak beneath it is found', async t => {
  fc.assert(fc.property(levels, fc.double({ min: -5, max: 5, noNaN: true }), (needs, rise) => {
    return Math.abs(commonSlope(memory(needs, tenMinutes => rise * tenMinutes)).slope - rise) < 1e-9
  }))
  t.pass('whatever the works need')
})

test('a step that stays is found, also late', async t => {
  fc.assert(fc.property(levels, fc.double({ min: 0.1, max: 0.9, noNaN: true }), (needs, when) => {
    return commonSlope(memory(needs, tenMinutes => tenMinutes > when ? 10 : 0)).slope > 1
  }))
  t.pass('whenever it comes')
})

test('the standard error is as large as the readings are off', async t => {
  fc.assert(fc.property(levels, noise, (needs, off) => {
    const { standardError: once } = commonSlope(memory(needs, (_, turn) => off[turn] ?? 0))
    const { standardError: fourTimes } = commonSlope(memory(needs, (tenMinutes, turn) => 2 * tenMinutes + 4 * (off[turn] ?? 0)))
    return Math.abs(fourTimes - 4 * once) < 1e-6
  }))
  t.pass('and no leak makes it larger')
})

test('the true slope is within two standard errors, 95 times of 100', async t => {
  const errors = 1_000
  const random = fc.sample(noise, { numRuns: errors, seed: 1 })
  const within = random.filter(off => {
    const { slope, standardError } = commonSlope(memory([0, 9, 3, 5, 1, 2, 30, 7, 4], (tenMinutes, turn) => 2 * tenMinutes + (off[turn] ?? 0)))
    return Math.abs(slope - 2) < 2 * standardError
  })
  t.ok(within.length > 0.93 * errors && within.length < 0.97 * errors, `${within.length} of ${errors}`)
})
