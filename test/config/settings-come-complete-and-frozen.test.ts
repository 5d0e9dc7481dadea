import { test } from 'tap'
import { loadConfig } from '../../src/config/load.ts'

test('without a file and without variables, Tollgate runs on its defaults', async (t) => {
  const config = await loadConfig({ env: {}, cwd: t.testdir() })
  t.same(config, {
    listen: { host: '127.0.0.1', port: 8080 },
    operator_listen: { host: '127.0.0.1', port: 9090 },
    trust_proxy: [],
    data_dir: './data',
    store: 'sqlite:./data/tollgate.db',
    answers_store: 'sqlite:./data/tollgate.db',
    workers: 1,
    log_level: 'info',
    upstreams: { demo: { base_url: 'demo', keys: [], headers: {}, timeouts: { connect: 5000, first_byte: 120_000, idle: 120_000 } } },
    default_upstream: 'demo',
    models: {},
    timeouts: { connect: 5000, first_byte: 120_000, idle: 120_000, total: 900_000, write_stall: 60_000, abort_drain: 30_000 },
    on_abort: 'cancel',
    retries: { budget: 0.2 },
    organization: { spend_shadow: false, spend_alerts: {} },
    projects: {},
    prices: [],
    breaker: { failures: 5, probe_interval: 500 },
    body: { max_bytes: 20 * 1024 ** 2, max_depth: 128, max_tokens: 250_000 },
    stream: { keep_alive: 15_000, max_event_bytes: 16 * 1024 ** 2 },
    response: { max_bytes: 64 * 1024 ** 2 },
    door: { max: 6000, window: 60_000 },
    metering: { time_zone: 'UTC', default_max_output_tokens: 4096, durability: 'process' },
    answers: { ttl: 2_592_000_000, lease: 10_000, wait: 120_000, max_answer_bytes: 2_097_152, max_bytes: 1_073_741_824, hot_bytes: 33_554_432 },
    overload: { max_in_flight: 10_000, max_loop_delay: 250 },
    drain: { delay: 5000, deadline: 120_000 }
  })
})

test('an empty file, and keys without a value, change nothing', async (t) => {
  const cwd = t.testdir({ 'empty.yaml': '', 'bare.yaml': 'listen:\nupstreams:\nmodels:\ntimeouts:\n  idle:\n' })
  const defaults = await loadConfig({ env: {}, cwd })
  t.same(await loadConfig({ env: {}, cwd, file: 'empty.yaml' }), defaults)
  t.same(await loadConfig({ env: {}, cwd, file: 'bare.yaml' }), defaults)
})

test('what follows from other settings is filled in', async (t) => {
  const file = `
data_dir: /var/lib/tollgate/
upstreams:
  near:
    base_url: http://127.0.0.1:8000
    keys: [{ value: one }, { value: two, name: second, weight: 3 }]
    headers: { X-Title: Example }
    timeouts: { idle: 10s }
  far: { base_url: https://provider.example/v1 }
models:
  gpt: {}
  o3: { upstream: far, model: openai/o3 }
timeouts: { connect: 1s, idle: 1m }
`
  const config = await loadConfig({ env: {}, cwd: t.testdir({ 'tollgate.yaml': file }) })
  t.equal(config.store, 'sqlite:/var/lib/tollgate/tollgate.db')
  t.equal(config.answers_store, config.store)
  t.equal(config.default_upstream, 'near')
  t.same(config.models, {
    gpt: { upstream: 'near', fallbacks: [] },
    o3: { upstream: 'far', model: 'openai/o3', fallbacks: [] }
  })
  t.same(config.upstreams['near'], {
    base_url: 'http://127.0.0.1:8000/v1',
    keys: [{ value: 'one', weight: 1, name: 'key-1' }, { value: 'two', weight: 3, name: 'second' }],
    headers: { 'x-title': 'Example' },
    timeouts: { connect: 1000, first_byte: 120_000, idle: 10_000 }
  })
  t.same(config.upstreams['far']?.timeouts, { connect: 1000, first_byte: 120_000, idle: 60_000 })
})

test('nothing can be changed afterwards', async (t) => {
  const config = await loadConfig({ env: { AIMLAPI_API_KEY: 'key' }, cwd: t.testdir() })
  const open: string[] = []
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    if (!Object.isFrozen(value)) open.push(path)
    for (const [key, member] of Object.entries(value)) visit(member, `${path}.${key}`)
  }
  visit(config, 'config')
  t.same(open, [])
})

test('a model called like a member of every object is not found among the models', async (t) => {
  const { models, upstreams } = await loadConfig({ env: {}, cwd: t.testdir() })
  for (const name of ['constructor', 'toString', '__proto__']) {
    t.equal(models[name], undefined)
    t.equal(upstreams[name], undefined)
  }
})
