import { test } from 'tap'
import { modelList } from '../../src/openai/models.ts'
import { refuses } from './bounds.ts'

const list = (...data: unknown[]): Buffer => Buffer.from(JSON.stringify({ object: 'list', data }))

test('AIMLAPI\'s items are completed and keep what they have', async t => {
  const item = { id: 'openai/gpt-4o', aliases: ['gpt-4o'], type: 'openai/chat-completions', info: { name: 'GPT-4o', developer: 'Open AI', releasedAt: '2024-05-13', contextLength: 128_000 }, tags: ['a'], pricing: { units: [] } }
  t.strictSame(modelList(list(item)), [{ ...item, object: 'model', created: 1_715_558_400, owned_by: 'Open AI' }])
})

test('OpenAI\'s items stay as they are', async t => {
  const item = { id: 'gpt-4o', object: 'model', created: 1_715_367_049, owned_by: 'system' }
  t.strictSame(modelList(list(item)), [item])
})

test('what is not known is filled in all the same', async t => {
  const filled = { object: 'model', created: 0 }
  t.match(modelList(list({ id: 'a/b' })), [{ ...filled, owned_by: 'a' }])
  t.match(modelList(list({ id: 'b', info: { releasedAt: 'soon', developer: '' }, created: '7', owned_by: 7 })), [{ ...filled, owned_by: 'unknown' }])
})

test('items without an id are left out', async t => {
  t.strictSame(modelList(list({ id: '' }, { id: 7 }, null, 'x', ['y'], { name: 'z' })), [])
})

test('what is no list is no answer', async t => {
  for (const body of ['', '[]', '{}', '{"data":{}}', 'null', '<html>']) refuses(t, () => modelList(Buffer.from(body)), { code: 'upstream_invalid_response' }, body)
})
