import t from 'tap'
import type { DemoUpstream } from '../../src/upstream/demo.ts'
import { startDemo } from '../helpers/demo.ts'
import { jsonOf, post, type Json } from './support.ts'

const embed = async (demo: DemoUpstream, more: object): Promise<Json> =>
  jsonOf(await post(demo, '/embeddings', { model: 'text-embedding-3-small', ...more }))

const vectorsOf = (json: Json): number[][] =>
  [...json.data ?? []].map(({ embedding }) => [...embedding ?? []].map(Number))

t.test('each input has its own vector of length one', async t => {
  const demo = await startDemo(t)
  const json = await embed(demo, { input: ['one', 'two', 'one'], dimensions: 64 })
  const [one = [], two, again] = vectorsOf(json)
  t.match(json.data, [{ object: 'embedding', index: 0 }, { index: 1 }, { index: 2 }])
  t.equal(one.length, 64)
  t.ok(Math.abs(Math.hypot(...one) - 1) < 1e-6)
  t.strictSame(one, again)
  t.notSame(one, two)
  t.equal(vectorsOf(await embed(demo, { input: 'one' }))[0]?.length, 1536)
})

t.test('base64 holds the same 32-bit floats', async t => {
  const demo = await startDemo(t)
  const [floats] = vectorsOf(await embed(demo, { input: 'one', dimensions: 8 }))
  const json = await embed(demo, { input: 'one', dimensions: 8, encoding_format: 'base64' })
  const bytes = Buffer.from(String(json.data?.[0]?.embedding), 'base64')
  t.strictSame(Array.from({ length: 8 }, (_, i) => bytes.readFloatLE(i * 4)), floats)
})

t.test('texts count as in chat, tokens one by one', async t => {
  const demo = await startDemo(t)
  const cases: ReadonlyArray<readonly [input: unknown, tokens: number]> = [
    ['12345678', 2], [['1234', '12345'], 3], [[1, 2, 3], 3], [[[1, 2], [3]], 3]
  ]
  for (const [input, tokens] of cases) {
    t.strictSame((await embed(demo, { input })).usage, { prompt_tokens: tokens, total_tokens: tokens })
  }
  for (const input of [undefined, [], {}, [{}]]) {
    t.equal((await post(demo, '/embeddings', { model: 'demo', input })).status, 400)
  }
})
