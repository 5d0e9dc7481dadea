import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { chatJson, respondJson, type Json } from './support.ts'

const said = (json: Json): unknown => json.choices?.[0]?.message?.content

t.test('the same request, the same answer: with a seed and without', async t => {
  const demo = await startDemo(t)
  const other = await startDemo(t)
  for (const more of [{}, { seed: 7 }, { temperature: 2 }]) {
    const [first, second, elsewhere] = [await chatJson(demo, more), await chatJson(demo, more), await chatJson(other, more)]
    t.equal(said(first), said(second))
    t.equal(said(first), said(elsewhere))
    t.equal(first.system_fingerprint, elsewhere.system_fingerprint)
    t.equal(new Set([first.id, second.id, elsewhere.id]).size, 3)
  }
})

t.test('another seed, model or text, another answer', async t => {
  const demo = await startDemo(t)
  const answers = await Promise.all([
    {}, { seed: 7 }, { seed: 8 }, { model: 'gpt-4o' }, { messages: [{ role: 'user', content: 'Hello  there' }] }
  ].map(async more => said(await chatJson(demo, more))))
  t.equal(new Set(answers).size, answers.length)
})

t.test('the time is the one that is given', async t => {
  const demo = await startDemo(t, { now: () => 1_795_000_000_999 })
  t.equal((await chatJson(demo)).created, 1_795_000_000)
  t.equal((await respondJson(demo)).created_at, 1_795_000_000)
})
