import t from 'tap'
import { expectAnswers } from '../../bench/load/counted.ts'
import type { LoadResult } from '../../bench/load/wrk.ts'
import type { Target } from '../../bench/stand/target.ts'
import { jsonWork, works } from '../../bench/works.ts'
import type { Work } from '../../bench/works.ts'

const inFlight = 4
const denied = works.find(({ expected }) => expected.status === 429) as Work

/** A gateway that answers so many requests by its own count, and what a load generator saw meanwhile. */
async function confirm (work: Work, served: number, seen: Partial<LoadResult>): Promise<void> {
  let count = 1_000
  const gateway = { name: 'sqlite', gateway: {}, isNginx: false, process: { lastWords: () => '{"error":"overloaded"}' }, served: async () => count }
  const confirmed = await expectAnswers(gateway as unknown as Target, work, { inFlight, ms: 1 })
  count += served
  await confirmed({ requests: 100, seconds: 1, refused: 0, broken: 0, p50: 1, p99: 2, ...seen })
}

t.test('as many answers as requests, but for those in flight at either end', async t => {
  await confirm(jsonWork, 100, {})
  await confirm(jsonWork, 100 + 2 * inFlight, { broken: inFlight })
  await confirm(denied, 100, { refused: 100 })
  t.pass()
})

t.test('whatever else is an error that says what', async t => {
  await t.rejects(confirm(jsonWork, 109, {}), { message: /100 answers were counted, and 109 given/ })
  await t.rejects(confirm(jsonWork, 100, { refused: 3 }), { message: /3 wrong answers.*overloaded/ })
  await t.rejects(confirm(jsonWork, 100, { broken: inFlight + 1 }), { message: /5 broken/ })
  await t.rejects(confirm(denied, 100, { refused: 99 }), { message: /1 wrong answers/ })
  await t.rejects(confirm(jsonWork, 0, { requests: 0 }), { message: /no answer/ })
})
