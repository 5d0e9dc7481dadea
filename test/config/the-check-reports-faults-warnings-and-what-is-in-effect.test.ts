import { test } from 'tap'
import { parse } from 'yaml'
import { checkConfig } from '../../src/config/check.ts'

test('faults make the check fail, and are all it tells', async (t) => {
  const cwd = t.testdir({ 'tollgate.yaml': 'lisen: 127.0.0.1:1\nbody: { max_bytes: 1 }\nadmin_key: literal\n' })
  t.same(await checkConfig({ env: {}, cwd }), {
    ok: false,
    lines: [
      'tollgate.yaml:1:1 unknown key "lisen" (did you mean "listen"?)',
      'tollgate.yaml:2:20 body.max_bytes: must be a size such as 64KiB, 20MiB or 1MB, not 1',
      'tollgate.yaml:3:12 admin_key: must have at least 32 characters'
    ]
  })
})

test('a file that cannot be read is a fault too', async (t) => {
  t.same(await checkConfig({ env: {}, cwd: t.testdir(), file: 'missing.yaml' }), { ok: false, lines: ['missing.yaml: cannot be read (ENOENT)'] })
})

test('without faults the settings in effect follow, as YAML', async (t) => {
  const { ok, lines } = await checkConfig({ env: { TOLLGATE_LISTEN: '127.0.0.1:0' }, cwd: t.testdir() })
  t.equal(ok, true)
  t.equal(lines[0], '# no file, the environment and the defaults, together:')
  t.match(parse(lines.join('\n')), { listen: '127.0.0.1:0', timeouts: { total: '15m' }, body: { max_bytes: '20MiB' } })
})

test('what deserves a second look comes first', async (t) => {
  const file = `
store: redis://:hunter2@redis.internal
admin_key: hunter2-hunter2-hunter2-hunter2-hunter2
upstreams:
  demo:
    base_url: demo
    headers: { x-title: Example }
    keys: [{ value: hunter2 }, { value: "\${KEY}" }]
`
  const env = { KEY: 'key', TOLLGATE_LISTN: 'x', AIMLAPI_BASE_URL: 'http://127.0.0.1' }
  const { ok, lines } = await checkConfig({ env, cwd: t.testdir({ 'tollgate.yaml': file }) })
  t.equal(ok, true)
  t.same(lines.filter((line) => line.startsWith('warning')), [
    'warning: tollgate.yaml:2:8 store: a secret stands in the file; write ${VARIABLE} or file:/path instead',
    'warning: tollgate.yaml:3:12 admin_key: a secret stands in the file; write ${VARIABLE} or file:/path instead',
    'warning: tollgate.yaml:8:21 upstreams.demo.keys[0].value: a secret stands in the file; write ${VARIABLE} or file:/path instead',
    'warning: pepper is not set: with a shared store, every replica needs the same one',
    'warning: AIMLAPI_BASE_URL has no effect without AIMLAPI_API_KEY',
    'warning: env TOLLGATE_LISTN: no such setting (did you mean "TOLLGATE_LISTEN"?)'
  ])
  t.notMatch(lines.join('\n'), /hunter2/)
})

test('a configuration by reference has nothing to warn about', async (t) => {
  const env = { AIMLAPI_API_KEY: 'key', TOLLGATE_CONFIG: '', TOLLGATE_PEPPER: '0123456789abcdef', TOLLGATE_STORE: 'redis://127.0.0.1' }
  const { lines } = await checkConfig({ env, cwd: t.testdir() })
  t.same(lines.filter((line) => line.startsWith('warning')), [])
})
