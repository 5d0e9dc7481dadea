import fc from 'fast-check'
import { test } from 'tap'
import { goDuration, retryAfter, retryHeaders } from '../../src/openai/durations.ts'
import { holds } from './holds.ts'

const now = Date.UTC(2026, 10, 22, 10, 0, 0)

test('an upstream\'s delay, in any of its spellings', async t => {
  for (const [headers, delay] of [
    [{ 'retry-after': '20' }, { seconds: 20, ms: 20_000 }], [{ 'retry-after': '1.2' }, { seconds: 2, ms: 1200 }], [{ 'retry-after': '0' }, { seconds: 1, ms: 0 }], [{ 'retry-after': ' 3 ' }, { seconds: 3, ms: 3000 }],
    [{ 'retry-after-ms': '1500' }, { seconds: 2, ms: 1500 }], [{ 'retry-after-ms': '17.2', 'retry-after': '9' }, { seconds: 1, ms: 18 }], [{ 'retry-after-ms': 'x', 'retry-after': '9' }, { seconds: 9, ms: 9000 }],
    [{ 'retry-after': 'Sun, 22 Nov 2026 10:00:30 GMT' }, { seconds: 30, ms: 30_000 }], [{ 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT' }, { seconds: 1, ms: 0 }]
  ] as const) t.strictSame(retryAfter(headers, now), delay, JSON.stringify(headers))
})

test('what is no delay is none', async t => {
  for (const value of ['', '-1', 'soon', 'Infinity', 'NaN', '1e3', '1,5', '0x10', '9'.repeat(30), '2026-99-99T00:00:00Z']) {
    t.equal(retryAfter({ 'retry-after': value }, now), null, value)
    t.equal(retryAfter({ 'retry-after-ms': value }, now), null, value)
  }
  t.equal(retryAfter({}, now), null)
  t.equal(retryAfter({ 'retry-after': ['1', '2'] }, now), null)
})

test('both spellings are sent, and a long wait says not to come back by itself', async t => {
  t.strictSame(retryHeaders(retryAfter({ 'retry-after': '1.2' }, now)), { 'retry-after': '2', 'retry-after-ms': '1200' })
  t.strictSame(retryHeaders(retryAfter({ 'retry-after': '60' }, now)), { 'retry-after': '60', 'retry-after-ms': '60000' })
  t.strictSame(retryHeaders(retryAfter({ 'retry-after': '61' }, now)), { 'retry-after': '61', 'retry-after-ms': '61000', 'x-should-retry': 'false' })
  t.strictSame(retryHeaders(null), {})
})

test('durations of rate limits', async t => {
  for (const [ms, text] of [
    [0, '0s'], [-5, '0s'], [1, '1ms'], [17, '17ms'], [16.2, '17ms'], [999, '999ms'], [999.1, '1s'], [1000, '1s'], [1500, '1.5s'], [1001, '1.001s'], [12_340, '12.34s'], [59_999, '59.999s'], [60_000, '1m0s'], [360_000, '6m0s'], [61_500, '1m1.5s'],
    [3_600_000, '1h0m0s'], [3_660_000, '1h1m0s'], [86_256_648, '23h57m36.648s'], [90_000_000, '25h0m0s']
  ] as const) t.equal(goDuration(ms), text)
})

test('a duration reads back as what it was', async t => {
  holds(t, fc.property(fc.nat(200_000_000), ms => {
    const [, hours = 0, minutes = 0, seconds = 0, millis = 0] = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:(\d+)ms)?$/.exec(goDuration(ms)) ?? []
    return Math.round(Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000 + Number(millis)) === ms
  }), { numRuns: 2000 })
})
