import fc from 'fast-check'
import { test } from 'tap'
import { merged, overlap } from '../../bench/measure/spans.ts'
import type { Span } from '../../bench/measure/spans.ts'
import { steadinessOf } from '../../bench/steady.ts'

const late = { p50: 0, p99: 0, max: 0 }

/** ms from the start of a run. */
function span (start: number, end: number): Span {
  return { start: start * 1e6, end: end * 1e6 }
}

const quick = [span(0, 1), span(50, 51), span(200, 201)]

test('late is what is above nginx by more than 20 ms', t => {
  const found = steadinessOf([span(0, 1), span(10, 40), span(50, 71)], [...quick, span(105, 130)], [], { late, lateSoFar: late, pauses: [] })
  t.match(found, { requests: 3, late: 1, lateWithoutPauses: 1, lateWithoutStandstills: 1, lateThroughYardstick: 1 })
  t.equal(found.added.max, 29, 'less the median of those through the yardstick')
  t.end()
})

test('what a request met of pauses and standstills is taken off, and no more', t => {
  const calls = [span(0, 30), span(100, 130), span(200, 230), span(300, 330)]
  const pauses = [span(0, 10), span(205, 210)]
  const standstills = [span(90, 108), span(207, 214), span(330, 400)]
  const found = steadinessOf(calls, quick, standstills, { late, lateSoFar: late, pauses })
  t.match(found, { late: 4, lateWithoutPauses: 3, lateWithoutStandstills: 2 }, 'the third met 9 ms of them, because they overlap, and the fourth none')
  t.match(steadinessOf(calls, quick, null, { late, lateSoFar: late, pauses }), { lateWithoutStandstills: 3 }, 'where standstills cannot be seen, nothing is taken off for them')
  t.end()
})

test('a span lies in others for as many of its moments as lie in one of them', t => {
  const spans = fc.array(fc.tuple(fc.nat(60), fc.nat(20)).map(([start, length]) => ({ start, end: start + length })))
  fc.assert(fc.property(spans, fc.nat(60), fc.nat(20), (others, start, length) => {
    const moments = Array.from({ length }, (_, index) => start + index)
    const inOthers = moments.filter(moment => others.some(other => moment >= other.start && moment < other.end))
    return overlap({ start, end: start + length }, merged(others)) === inOthers.length
  }))
  t.end()
})
