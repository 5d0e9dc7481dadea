import fc from 'fast-check'
import { test } from 'tap'
import { Calendar } from '../../src/metering/period.ts'

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Australia/Lord_Howe']
const moments = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }).map(date => date.getTime())

test('every moment lies in exactly one month, and months follow each other without a gap', async t => {
  for (const zone of zones) {
    fc.assert(fc.property(moments, ms => {
      const [before, current, after] = new Calendar(zone).around(ms)
      return current.start <= ms && ms < current.end && before.end === current.start && current.end === after.start &&
        before.id < current.id && current.id < after.id
    }), { numRuns: 30 })
  }
  t.pass()
})

test('a month begins at local midnight', async t => {
  t.same(new Calendar('UTC').at(Date.parse('2026-11-22')), { id: '2026-11', start: Date.parse('2026-11-01'), end: Date.parse('2026-12-01') })
  const berlin = new Calendar('Europe/Berlin').at(Date.parse('2026-11-22'))
  t.equal(berlin.start, Date.parse('2026-11-01T00:00+01:00'))
  t.equal(new Calendar('Europe/Berlin').at(berlin.start - 1).id, '2026-10')
  t.equal(new Calendar('America/New_York').at(Date.parse('2027-01-01T04:59:59.999Z')).id, '2026-12')
  t.equal(new Calendar('America/New_York').at(Date.parse('2027-01-01T05:00:00Z')).id, '2027-01')
})

test('a calendar gives the same answer whatever it was asked before', async t => {
  const calendar = new Calendar('Europe/Berlin')
  fc.assert(fc.property(moments, ms => {
    t.same(calendar.at(ms), new Calendar('Europe/Berlin').at(ms))
  }), { numRuns: 50 })
})

test('a time zone that does not exist is refused', async t => {
  t.throws(() => new Calendar('Mars/Olympus'), RangeError)
})
