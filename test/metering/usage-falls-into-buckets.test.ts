import { test } from 'tap'
import { noAmounts } from '../../src/metering/amounts.ts'
import { usagePage } from '../../src/metering/usage.ts'
import type { UsageCell, UsageQuery } from '../../src/metering/usage.ts'

const day = Date.parse('2026-11-22')
const hour = 3_600_000

const query: UsageQuery = {
  startMs: day, endMs: day + 24 * hour, width: 'day', groupBy: [], projectIds: null, keyIds: null, models: null, endpoints: null, limit: 7
}

function cell (fields: Partial<UsageCell>, inputTokens: number): UsageCell {
  const amounts = noAmounts().with(0, 1).with(1, inputTokens)
  return { projectId: 'p1', startMs: day, endpoint: 'chat.completions', keyId: 'k1', model: 'm1', amounts, ...fields }
}

const cells = [
  cell({}, 10),
  cell({ startMs: day + hour, keyId: 'k2' }, 20),
  cell({ startMs: day + 2 * hour, projectId: 'p2', model: 'm2', endpoint: 'embeddings' }, 40),
  cell({ startMs: day - 1 }, 1000)
]

test('without grouping a bucket has one result, with nulls', async t => {
  const { buckets, nextStartMs } = usagePage(query, cells)
  t.equal(nextStartMs, null)
  t.match(buckets, [{ startMs: day, endMs: day + 24 * hour, results: [{ projectId: null, keyId: null, model: null, requests: 3, inputTokens: 70 }] }])
  t.equal(buckets.length, 1)
})

test('grouping and filters', async t => {
  const grouped = usagePage({ ...query, groupBy: ['project', 'model'] }, cells).buckets[0]?.results
  t.match(grouped, [{ projectId: 'p1', model: 'm1', keyId: null, inputTokens: 30 }, { projectId: 'p2', model: 'm2', inputTokens: 40 }])
  const total = (filter: Partial<UsageQuery>): number | undefined => usagePage({ ...query, ...filter }, cells).buckets[0]?.results[0]?.inputTokens
  t.equal(total({ keyIds: ['k2'] }), 20)
  t.equal(total({ projectIds: ['p1'] }), 30)
  t.equal(total({ models: ['m2'] }), 40)
  t.equal(total({ endpoints: ['chat.completions', 'responses'] }), 30)
})

test('empty buckets are there, and a page says where the next one starts', async t => {
  const page = usagePage({ ...query, width: 'hour', limit: 2 }, cells)
  t.same(page.buckets.map(({ results }) => results.length), [1, 1])
  t.equal(page.nextStartMs, day + 2 * hour)
  const last = usagePage({ ...query, width: 'hour', startMs: day + 22 * hour, limit: 24 }, cells)
  t.same(last.buckets.map(({ startMs, results }) => [startMs - day, results.length]), [[22 * hour, 0], [23 * hour, 0]])
  t.equal(last.nextStartMs, null)
})
