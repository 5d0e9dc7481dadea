import fc from 'fast-check'
import { test } from 'tap'
import { lowest, slope } from '../../bench/measure/slope.ts'

/** Memory after each of 90 turns of 4 s, ten works in rounds: what a turn needs for a while, but for one of each round. */
const needs = fc.array(fc.array(fc.nat({ max: 40 }), { minLength: 9, maxLength: 9 }), { minLength: 9, maxLength: 9 })

function memory (rounds: number[][], risePerMinute: number): Array<readonly [minute: number, megabytes: number]> {
  return rounds.flatMap(round => [...round, 0]).map((need, turn) => [turn / 15, 200 + need + risePerMinute * turn / 15] as const)
}

test('what comes and goes has no slope', async t => {
  fc.assert(fc.property(needs, rounds => Math.abs(slope(lowest(memory(rounds, 0), 10))) < 1e-9))
  t.pass('whatever the turns need')
})

test('a leak beneath it is found', async t => {
  fc.assert(fc.property(needs, rounds => {
    const found = slope(lowest(memory(rounds, 2), 10))
    return found > 1.5 && found < 2.5
  }))
  t.pass('whatever the turns need')
})
