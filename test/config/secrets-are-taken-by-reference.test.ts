import { join } from 'node:path'
import { test } from 'tap'
import { loadConfig } from '../../src/config/load.ts'

const file = `
admin_key: file:admin-key
pepper: "\${PEPPER_HEAD}-\${PEPPER_TAIL}"
store: rediss://:\${REDIS_PASSWORD}@redis.internal:6379
upstreams:
  main:
    base_url: https://provider.example/v1
    headers: { x-team: "\${TEAM}" }
    keys:
      - value: \${KEY}
      - value: literal
`
const env = { PEPPER_HEAD: '01234567', PEPPER_TAIL: '89abcdef', REDIS_PASSWORD: 'p4ss', TEAM: 'blue', KEY: 'from-the-environment' }

test('variables and files stand in for secrets', async (t) => {
  const cwd = t.testdir({ 'tollgate.yaml': file, 'admin-key': `${'klmn'.repeat(10)}\n` })
  const config = await loadConfig({ env, cwd })
  t.equal(config.admin_key, 'klmn'.repeat(10), 'a line break at the end of the file is no part of it')
  t.equal(config.pepper, '01234567-89abcdef')
  t.equal(config.store, 'rediss://:p4ss@redis.internal:6379')
  t.same(config.upstreams['main']?.headers, { 'x-team': 'blue' })
  t.same(config.upstreams['main']?.keys.map(({ value }) => value), ['from-the-environment', 'literal'])
})

test('a variable may refer to a file too, as containers mount secrets', async (t) => {
  const cwd = t.testdir({ secrets: { aimlapi: 'mounted\n' } })
  const config = await loadConfig({ env: { AIMLAPI_API_KEY: `file:${join(cwd, 'secrets/aimlapi')}` }, cwd })
  t.equal(config.upstreams['aimlapi']?.keys[0]?.value, 'mounted')
})

test('what a variable holds is taken as it is, even if it looks like a reference', async (t) => {
  const cwd = t.testdir({ 'tollgate.yaml': 'upstreams: { main: { base_url: demo, keys: [{ value: "${KEY}" }] } }' })
  const config = await loadConfig({ env: { KEY: 'a${KEY}$&b' }, cwd })
  t.equal(config.upstreams['main']?.keys[0]?.value, 'a${KEY}$&b')
})

test('settings that are no secrets are not expanded', async (t) => {
  const config = await loadConfig({ env: { HOME: '/root' }, cwd: t.testdir({ 'tollgate.yaml': 'data_dir: ${HOME}/data' }) })
  t.equal(config.data_dir, '${HOME}/data')
})
