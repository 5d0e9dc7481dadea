import { test } from 'tap'
import { steadinessOf } from '../../bench/steady.ts'
import type { Call } from '../../bench/steady.ts'

const late = { p50: 0, p99: 0, max: 0 }

/** ms from the start of a run. */
function call (start: number, end: number): Call {
  return { start: start * 1e6, end: end * 1e6 }
}

const quick = [call(0, 1), call(50, 51), call(200, 201)]

test('what is late by itself, what met a pause, and what was late while the yardstick was', t => {
  const calls = [call(0, 1), call(10, 40), call(50, 90), call(100, 140), call(160, 175)]
  const others = [...quick, call(105, 130)]
  const found = steadinessOf(calls, others, { late, lateSoFar: late, pauses: [call(60, 65)] })
  t.match(found, { requests: 5, late: 1, lateByPause: 1, lateWithYardstick: 1, lateThroughYardstick: 1 })
  t.equal(found.added.max, 39, 'less the median of those through the yardstick')
  t.end()
})

test('a pause comes first, and a request counts once', t => {
  const found = steadinessOf([call(100, 140)], [...quick, call(105, 130)], { late, lateSoFar: late, pauses: [call(110, 115)] })
  t.match(found, { late: 0, lateByPause: 1, lateWithYardstick: 0 })
  t.end()
})

test('a quick request through the yardstick excuses nobody', t => {
  t.match(steadinessOf([call(45, 90)], quick, { late, lateSoFar: late, pauses: [] }), { late: 1, lateWithYardstick: 0 })
  t.end()
})
