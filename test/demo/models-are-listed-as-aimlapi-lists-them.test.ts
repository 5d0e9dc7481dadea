import t from 'tap'
import { magicModels } from '../../src/upstream/demo.ts'
import { startDemo } from '../helpers/demo.ts'
import { chat, get } from './support.ts'

t.test('without object, created and owned_by; with aliases; the magic ones, too', async t => {
  const demo = await startDemo(t)
  const list = await get(demo, '/models')
  t.equal(list.object, 'list')
  const ids = [...list.data ?? []].map(({ id }) => String(id))
  for (const id of ['demo', 'gpt-4-0125-preview', 'gpt-4-1106-preview', 'openai/gpt-4o', 'text-embedding-3-small', ...Object.keys(magicModels)]) {
    t.ok(ids.includes(id), id)
  }
  t.equal(new Set(ids).size, ids.length)
  for (const item of list.data ?? []) {
    t.match(item, { id: String, type: String, info: { name: String, developer: String } })
    t.notOk('object' in item || 'created' in item || 'owned_by' in item)
  }
})

t.test('one model is found by its id, encoded or not, and by its alias', async t => {
  const demo = await startDemo(t)
  for (const path of ['openai/gpt-4o', 'openai%2Fgpt-4o', 'gpt-4o']) {
    t.match(await get(demo, `/models/${path}`), { id: 'openai/gpt-4o' })
  }
  t.equal((await fetch(`${demo.url}/models/nobody`)).status, 404)
})

t.test('any model is served, listed or not, but for misspelt magic', async t => {
  const demo = await startDemo(t)
  for (const model of ['gpt-4-0125-preview', 'gpt-4o', 'somebody/else', 'demonstration']) t.equal((await chat(demo, { model })).status, 200)
  for (const model of ['demo-slwo', 'demo-refusal-3', 'demo-cut-x', 'demo-toString']) t.equal((await chat(demo, { model })).status, 404)
})
