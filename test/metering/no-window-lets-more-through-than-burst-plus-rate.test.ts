import fc from 'fast-check'
import { test } from 'tap'
import { charged, chargeMicros, corrected, holds, remaining, slackMicros, waitMicros } from '../../src/metering/gcra.ts'

const window = 60_000_000
const start = 1_763_846_400_000_000

/** Tries: wait so many µs, then ask for so many units. */
const tries = fc.array(fc.record({ wait: fc.integer({ min: 0, max: 20_000_000 }), units: fc.integer({ min: 1, max: 40 }) }), { maxLength: 60 })
const limits = fc.integer({ min: 40, max: 5000 })

interface Passed {
  readonly at: number
  readonly units: number
}

function run (limit: number, history: readonly { wait: number, units: number }[]): Passed[] {
  let now = start
  let tat = 0
  return history.flatMap(({ wait, units }) => {
    now += wait
    if (!holds(tat, now, units, limit, window)) return []
    tat = charged(tat, now, chargeMicros(units, limit, window))
    return [{ at: now, units }]
  })
}

/** Exactly burst + rate × elapsed where the window is a multiple of the limit; else less than one unit more. */
function bound (limit: number, elapsed: number): number {
  return limit * (window + slackMicros(limit, window) + elapsed) / window
}

test('the slack for rounding is less than one unit, and none where nothing is rounded', async t => {
  fc.assert(fc.property(limits, limit => slackMicros(limit, window) * limit < window && (window % limit !== 0 || slackMicros(limit, window) === 0)))
  t.pass()
})

test('a full bucket lets its limit through at once, in whatever portions, and not one more', async t => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5000 }), fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (limit, portions) => {
    let tat = 0
    let left = limit
    for (const portion of portions) {
      const units = Math.min(portion, left)
      if (remaining(tat, start, limit, window) !== left || !holds(tat, start, units, limit, window)) return false
      tat = charged(tat, start, chargeMicros(units, limit, window))
      left -= units
      if (left === 0) return !holds(tat, start, 1, limit, window) && remaining(tat, start, limit, window) === 0
    }
    return false
  }))
  t.pass()
})

test('between any two admissions at most burst + rate × elapsed passes', async t => {
  fc.assert(fc.property(limits, tries, (limit, history) => {
    const passed = run(limit, history)
    for (const [first, { at }] of passed.entries()) {
      let units = 0
      for (const later of passed.slice(first)) {
        units += later.units
        if (units > bound(limit, later.at - at)) return false
      }
    }
    return true
  }))
  t.pass()
})

test('a request that waits as long as it is told passes, and not a µs before', async t => {
  fc.assert(fc.property(limits, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: window }), (limit, units, lack) => {
    const tat = start + lack
    const wait = waitMicros(tat, start, units, limit, window)
    return holds(tat, start + wait, units, limit, window) && (wait === 0 || !holds(tat, start + wait - 1, units, limit, window))
  }))
  t.pass()
})

interface Charge {
  readonly ends: number
  readonly units: number
}

test('with refunds, what was really used since the start stays within burst + rate × elapsed, and no refund overfills', async t => {
  const steps = fc.array(fc.record({
    wait: fc.integer({ min: 0, max: 20_000_000 }),
    units: fc.integer({ min: 1, max: 40 }),
    used: fc.double({ min: 0, max: 1, noNaN: true }),
    settles: fc.boolean()
  }), { maxLength: 80 })
  fc.assert(fc.property(limits, steps, (limit, history) => {
    let now = start
    let tat = 0
    let used = 0
    const open: Charge[] = []
    for (const step of history) {
      now += step.wait
      const oldest = step.settles ? open.shift() : undefined
      if (oldest !== undefined) {
        const before = remaining(tat, now, limit, window)
        const actual = Math.floor(oldest.units * step.used)
        tat = corrected(tat, now, oldest.ends, chargeMicros(oldest.units, limit, window), chargeMicros(actual, limit, window))
        used -= oldest.units - actual
        const after = remaining(tat, now, limit, window)
        if (after < before || after > limit || after > before + oldest.units - actual + 1) return false
        continue
      }
      if (!holds(tat, now, step.units, limit, window)) continue
      tat = charged(tat, now, chargeMicros(step.units, limit, window))
      open.push({ ends: tat, units: step.units })
      used += step.units
      if (used > bound(limit, now - start)) return false
    }
    return true
  }))
  t.pass()
})

test('a refund that comes after the bucket has filled again gives nothing', async t => {
  const limit = 60
  const all = chargeMicros(60, limit, window)
  const first = charged(0, start, all)
  const refilled = start + window
  const second = charged(first, refilled, all)
  t.equal(remaining(second, refilled, limit, window), 0)
  t.equal(remaining(corrected(second, refilled, first, all, 0), refilled, limit, window), 0)
})

test('what was used beyond the reservation is charged', async t => {
  const tat = charged(0, start, chargeMicros(10, 60, window))
  const after = corrected(tat, start, tat, chargeMicros(10, 60, window), chargeMicros(25, 60, window))
  t.equal(remaining(after, start, 60, window), 35)
})
