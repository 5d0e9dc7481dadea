import fc from 'fast-check'
import { test } from 'tap'
import { charged, chargeMicros, corrected, holds, remaining, waitMicros } from '../../src/metering/gcra.ts'

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
    const micros = chargeMicros(units, limit, window)
    if (!holds(tat, now, micros, window)) return []
    tat = charged(tat, now, micros)
    return [{ at: now, units }]
  })
}

test('between any two admissions at most burst + rate × elapsed passes', async t => {
  fc.assert(fc.property(limits, tries, (limit, history) => {
    const passed = run(limit, history)
    for (const [first, { at }] of passed.entries()) {
      let units = 0
      for (const later of passed.slice(first)) {
        units += later.units
        if (units > limit + limit * (later.at - at) / window) return false
      }
    }
    return true
  }))
  t.pass()
})

test('a request that waits as long as it is told passes, and not a µs before', async t => {
  fc.assert(fc.property(limits, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: window }), (limit, units, lack) => {
    const tat = start + lack
    const micros = chargeMicros(units, limit, window)
    const wait = waitMicros(tat, start, micros, window)
    return holds(tat, start + wait, micros, window) && (wait === 0 || !holds(tat, start + wait - 1, micros, window))
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
      const micros = chargeMicros(step.units, limit, window)
      if (!holds(tat, now, micros, window)) continue
      tat = charged(tat, now, micros)
      open.push({ ends: tat, units: step.units })
      used += step.units
      if (used > limit + limit * (now - start) / window) return false
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
