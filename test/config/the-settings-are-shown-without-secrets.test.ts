import { test } from 'tap'
import { stringify } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import { renderConfig } from '../../src/config/render.ts'
import { mintKey } from '../../src/keys/key.ts'

const bootstrapKey = mintKey().token
const file = `
admin_key: hunter2-hunter2-hunter2-hunter2-hunter2
bootstrap_key: ${bootstrapKey}
pepper: hunter2-hunter2-hunter2
store: redis://user:hunter2@redis.internal:6379/0
answers_store: redis+sentinel://:hunter2@one:26379,two:26379/main
upstreams:
  main:
    base_url: https://provider.example/v1
    keys: [{ value: hunter2, name: first }]
    headers: { x-api-key: hunter2 }
`

test('every secret is masked, and the rest is told', async (t) => {
  const config = await loadConfig({ env: {}, cwd: t.testdir({ 'tollgate.yaml': file }) })
  const rendered = renderConfig(config)
  t.notMatch(stringify(rendered), /hunter2/)
  t.notMatch(stringify(rendered), bootstrapKey)
  t.match(rendered, {
    admin_key: '***',
    bootstrap_key: '***',
    pepper: '***',
    store: 'redis://user:***@redis.internal:6379/0',
    answers_store: 'redis+sentinel://:***@one:26379,two:26379/main',
    upstreams: { main: { base_url: 'https://provider.example/v1', keys: [{ value: '***', name: 'first' }], headers: { 'x-api-key': '***' } } }
  })
})

test('what is shown loads to the same settings', async (t) => {
  const shown = `
listen: "[::1]:0"
trust_proxy: [10.0.0.0/8]
store: redis://redis.internal:6379
workers: 4
upstreams: { a: { base_url: demo }, b: { base_url: "http://127.0.0.1:1/v2", timeouts: { idle: 90s } } }
default_upstream: b
models: { gpt: { upstream: a, model: gpt-4o, fallbacks: ["o3*"] }, "o3*": {} }
drain: { delay: 0s }
body: { max_bytes: 1025B }
retries: { budget: 0 }
`
  const config = await loadConfig({ env: {}, cwd: t.testdir({ 'tollgate.yaml': shown }) })
  const again = await loadConfig({ env: {}, cwd: t.testdir({ 'tollgate.yaml': stringify(renderConfig(config)) }) })
  t.same(again, config)
})
