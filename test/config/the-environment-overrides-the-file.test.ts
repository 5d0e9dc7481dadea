import { availableParallelism } from 'node:os'
import { test } from 'tap'
import { withEnvironment } from '../../src/config/environment.ts'
import { ConfigError, loadConfig } from '../../src/config/load.ts'
import { mintKey } from '../../src/keys/key.ts'

const bootstrapKey = mintKey().token
const everyVariable = {
  TOLLGATE_LISTEN: '[::1]:0',
  TOLLGATE_OPERATOR_LISTEN: '0.0.0.0:9000',
  TOLLGATE_DATA_DIR: '/data',
  TOLLGATE_STORE: 'redis://127.0.0.1:6379/1',
  TOLLGATE_ANSWERS_STORE: 'redis+cluster://127.0.0.1:7000',
  TOLLGATE_WORKERS: '4',
  TOLLGATE_ADMIN_KEY: 'abcd'.repeat(8),
  TOLLGATE_BOOTSTRAP_KEY: bootstrapKey,
  TOLLGATE_PEPPER: '0123456789abcdef',
  LOG_LEVEL: 'debug'
}

const file = `
listen: 127.0.0.1:1
operator_listen: 127.0.0.1:2
data_dir: /file
store: sqlite:/file.db
workers: 1
log_level: error
upstreams: { main: { base_url: "https://provider.example/v1" } }
`

test('each variable of the contract wins over the file', async (t) => {
  const config = await loadConfig({ env: everyVariable, cwd: t.testdir({ 'tollgate.yaml': file }) })
  t.match(config, {
    listen: { host: '::1', port: 0 },
    operator_listen: { host: '0.0.0.0', port: 9000 },
    data_dir: '/data',
    store: 'redis://127.0.0.1:6379/1',
    answers_store: 'redis+cluster://127.0.0.1:7000',
    workers: 4,
    admin_key: 'abcd'.repeat(8),
    bootstrap_key: bootstrapKey,
    pepper: '0123456789abcdef',
    log_level: 'debug'
  })
})

test('an empty variable counts as absent', async (t) => {
  const config = await loadConfig({ env: { TOLLGATE_LISTEN: '', LOG_LEVEL: '', AIMLAPI_API_KEY: '' }, cwd: t.testdir() })
  t.same(config.listen, { host: '127.0.0.1', port: 8080 })
  t.equal(config.log_level, 'info')
  t.same(Object.keys(config.upstreams), ['demo'])
})

test('the default store lives in the data folder that the environment names', async (t) => {
  const config = await loadConfig({ env: { TOLLGATE_DATA_DIR: '/data' }, cwd: t.testdir() })
  t.equal(config.store, 'sqlite:/data/tollgate.db')
})

test('auto means one process a core', async (t) => {
  const config = await loadConfig({ env: { TOLLGATE_WORKERS: 'auto', TOLLGATE_STORE: 'redis://127.0.0.1' }, cwd: t.testdir() })
  t.equal(config.workers, availableParallelism())
})

test('faults name the variable, not the file', async (t) => {
  const env = { TOLLGATE_LISTEN: '8080', TOLLGATE_WORKERS: '4', TOLLGATE_PEPPER: '', TOLLGATE_STORE: 'sqlite:x', LOG_LEVEL: 'verbose' }
  await t.rejects(loadConfig({ env, cwd: t.testdir({ 'tollgate.yaml': `${file}door: { max: 0 }\n` }) }), new ConfigError([
    'env TOLLGATE_LISTEN: must be host:port such as 127.0.0.1:8080 or [::1]:8080, not "8080"',
    'env LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal, silent, not "verbose"',
    'env TOLLGATE_PEPPER: must not be empty; leave it out to have one generated',
    'env TOLLGATE_WORKERS: 4 processes need Redis as store: an SQLite file serves one',
    'tollgate.yaml:9:14 door.max: must be at least 1, not 0'
  ]))
})

test('AIMLAPI_API_KEY makes the default upstream when the file names none', async (t) => {
  const cwd = t.testdir()
  const { upstreams, default_upstream: standard } = await loadConfig({ env: { AIMLAPI_API_KEY: 'key' }, cwd })
  t.equal(standard, 'aimlapi')
  t.match(upstreams, { aimlapi: { base_url: 'https://api.aimlapi.com/v1', keys: [{ value: 'key' }] } })

  const other = await loadConfig({ env: { AIMLAPI_API_KEY: 'key', AIMLAPI_BASE_URL: '<http://127.0.0.1:9999/v1/>' }, cwd })
  t.equal(other.upstreams['aimlapi']?.base_url, 'http://127.0.0.1:9999/v1')
  await t.rejects(loadConfig({ env: { AIMLAPI_API_KEY: 'two\nlines', AIMLAPI_BASE_URL: 'aimlapi' }, cwd }), new ConfigError([
    'env AIMLAPI_BASE_URL: must be an http:// or https:// URL, or the word demo',
    'env AIMLAPI_API_KEY: must not hold line breaks, control characters or characters beyond Latin-1'
  ]))
})

test('AIMLAPI_API_KEY adds nothing to a file that names upstreams', async (t) => {
  const { upstreams } = await loadConfig({ env: { AIMLAPI_API_KEY: 'key' }, cwd: t.testdir({ 'tollgate.yaml': file }) })
  t.same(Object.keys(upstreams), ['main'])
})

test('a setting inside a section can have a variable too', (t) => {
  const schema = { properties: { section: { properties: { inner: { env: 'INNER' }, other: {} } } } }
  const { values, variables } = withEnvironment({ section: { inner: 1, other: 2 } }, schema, { INNER: 'x' })
  t.match(values, { section: { inner: 'x', other: 2 } })
  t.equal(variables.get('section.inner'), 'INNER')
  t.match(withEnvironment({ section: null }, schema, { INNER: 'x' }).values, { section: { inner: 'x' } })
  t.same(withEnvironment({ section: 'no map' }, schema, { INNER: 'x' }).values['section'], 'no map', 'the decoder tells of it')
  t.end()
})
