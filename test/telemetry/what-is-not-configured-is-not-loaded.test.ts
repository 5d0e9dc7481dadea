import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import { startRedis } from '../helpers/redis.ts'

const preload = new URL('../fixtures/loaded-modules.ts', import.meta.url).href

/** The packages that a gateway has loaded once it serves. */
async function loadedBy (t: Test, env: Record<string, string>): Promise<Set<string>> {
  const file = join(t.testdir(), 'modules')
  await startGatewayProcess(t, { env: { NODE_OPTIONS: `--import=${preload}`, LOADED_MODULES: file, ...env } })
  const urls = (await readFile(file, 'utf8')).trim().split('\n').filter(url => url.includes('/node_modules/'))
  return new Set(urls.map(packageOf))
}

function packageOf (url: string): string {
  const [scope = '', name = ''] = url.split('/node_modules/').at(-1)?.split('/') ?? []
  return scope.startsWith('@') ? `${scope}/${name}` : scope
}

t.test('without a collector no SDK of traces, without Redis no client of it, and no second validator of schemas', async t => {
  const loaded = await loadedBy(t, {})
  t.ok(loaded.has('fastify'))
  for (const name of ['@opentelemetry/sdk-trace', '@opentelemetry/exporter-trace-otlp-http', 'ioredis', 'ajv']) t.notOk(loaded.has(name), name)
})

t.test('with them, they are', async t => {
  const redis = await startRedis(t)
  const loaded = await loadedBy(t, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', TOLLGATE_STORE: redis.address })
  t.ok(loaded.has('@opentelemetry/sdk-trace'))
  t.ok(loaded.has('@opentelemetry/exporter-trace-otlp-http'))
  t.ok(loaded.has('ioredis'))
})
