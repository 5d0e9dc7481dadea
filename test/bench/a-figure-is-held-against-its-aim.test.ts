import t from 'tap'
import { aimText, verdict } from '../../bench/report/aim.ts'

const atMost = { aim: 4, stretch: 3 }
const atLeast = { aim: 10, stretch: 14, atLeast: true }
const none = { aim: 0, stretch: null }

t.test('reached, reached with its stretch, missed by so much', async t => {
  t.same([3, 4, 5].map(value => verdict(value, atMost)), ['✓✓', '✓', '✗ +25 %'])
  t.same([14, 10, 5].map(value => verdict(value, atLeast)), ['✓✓', '✓', '✗ −50 %'])
  t.same([0, 1].map(value => verdict(value, none)), ['✓', '✗'])
})

t.test('what was not measured, or has no aim, is neither', async t => {
  t.equal(verdict(NaN, atMost), '')
  t.equal(verdict(1, null), '')
})

t.test('the aim as the table names it', async t => {
  t.same([atMost, atLeast, none, null].map(aimText), ['≤ 4 (3)', '≥ 10 (14)', '≤ 0', ''])
})
