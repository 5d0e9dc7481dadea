import t from 'tap'
import { startDemo } from '../helpers/demo.ts'
import { chat, post } from './support.ts'

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

t.test('bodies and numbers beyond all reason', async t => {
  const demo = await startDemo(t)
  const bodies: readonly object[] = [
    { model: 'demo-status-7' },
    { model: 'demo-words-999999999', stream: true },
    { model: 'demo-big-headers-999999999' },
    { n: 1e9 },
    { n: 1.5 },
    { logprobs: true, top_logprobs: 1e9 },
    { max_tokens: -5 },
    { messages: [null, 3, {}, { role: 'user', content: [null, { text: 3 }] }] },
    { tools: [null, {}, { type: 'function' }], tool_choice: 'required' },
    { response_format: { type: 'json_schema', json_schema: { schema: { $ref: '#/%zz' } } } },
    { response_format: { type: 'json_schema' } }
  ]
  for (const body of bodies) await chat(demo, body).then(response => response.text()).catch(() => '')
  await (await post(demo, '/embeddings', { model: 'demo', input: 'x', dimensions: 1e12 })).text()
  t.equal((await chat(demo)).status, 200)
})

t.test('JSON too deep to be written again, at once and after a pause', async t => {
  const demo = await startDemo(t)
  for (const model of ['demo', 'demo-slow-start-1']) {
    for (const stream of [true, false]) {
      const body = `{"model":"${model}","input":"x","stream":${stream},"metadata":${deep(20_000)}}`
      await fetch(`${demo.url}/responses`, { method: 'POST', body }).then(response => response.text()).catch(() => '')
    }
  }
  t.equal((await chat(demo)).status, 200)
})

t.test('a body above the bound is refused', async t => {
  const demo = await startDemo(t)
  const response = await fetch(`${demo.url}/responses`, { method: 'POST', body: Buffer.alloc(64 * 1024 * 1024 + 1) })
  t.equal(response.status, 413)
})
