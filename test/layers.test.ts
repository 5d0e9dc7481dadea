import { ESLint } from 'eslint'
import { test } from 'tap'

/** [file, source]: where the source would stand, and what it would say. */
type Snippet = readonly [file: string, source: string]

const refused: Record<string, readonly Snippet[]> = {
  'a pure folder uses nothing but itself, lower folders and a few builtins': [
    ['src/collections/x.ts', "import '../openai/call.ts'"],
    ['src/collections/x.ts', "import 'node:crypto'"],
    ['src/openai/x.ts', "import '../metering/gcra.ts'"],
    ['src/openai/x.ts', "import '../app.ts'"],
    ['src/openai/x.ts', "import 'node:fs'"],
    ['src/openai/x.ts', "import 'crypto'"],
    ['src/openai/x.ts', "import 'fastify'"],
    ['src/openai/x.ts', "import 'gpt-tokenizer'"],
    ['src/openai/x.ts', "export { a } from '../config/load.ts'"],
    ['src/openai/deep/x.ts', "import '../../metering/gcra.ts'"],
    ['src/keys/x.ts', "import '../answers/fingerprint.ts'"],
    ['src/metering/x.ts', "import '../answers/fingerprint.ts'"],
    ['src/metering/x.ts', "import '../stores/ledger.ts'"],
    ['src/answers/x.ts', "import '../upstream/relay.ts'"],
    ['src/answers/x.ts', "await import('node:fs')"]
  ],
  'a pure folder has no clock and no process': [
    ['src/openai/x.ts', 'console.log(1)'],
    ['src/keys/x.ts', 'export const a = Date.now()'],
    ['src/metering/x.ts', 'export const a = new Date()'],
    ['src/metering/x.ts', 'export const a = Date()'],
    ['src/metering/x.ts', 'setTimeout(() => {}, 1)'],
    ['src/metering/x.ts', 'export const a = performance.now()'],
    ['src/answers/x.ts', 'export const a = process.pid']
  ],
  'the configuration knows neither framework nor stores': [
    ['src/config/x.ts', "import 'fastify'"],
    ['src/config/x.ts', "import '../stores/open.ts'"],
    ['src/config/x.ts', 'export const a = process.env']
  ],
  'stores and upstream know no framework, and not each other': [
    ['src/stores/x.ts', "import 'fastify'"],
    ['src/stores/redis/x.ts', "import 'fastify-plugin'"],
    ['src/stores/x.ts', "import '../upstream/relay.ts'"],
    ['src/stores/redis/x.ts', "import '../../upstream/relay.ts'"],
    ['src/stores/x.ts', "import 'undici'"],
    ['src/upstream/x.ts', "import type { FastifyReply } from 'fastify'"],
    ['src/upstream/x.ts', "import '@fastify/rate-limit'"],
    ['src/upstream/x.ts', "import '../stores/ledger.ts'"],
    ['src/upstream/x.ts', "import 'ioredis'"],
    ['src/upstream/x.ts', "import '../../plugins/auth.ts'"],
    ['src/upstream/demo/x.ts', "import '../../routes/models.ts'"]
  ],
  'telemetry watches the upstream, and knows neither framework nor stores': [
    ['src/telemetry/x.ts', "import type { FastifyRequest } from 'fastify'"],
    ['src/telemetry/x.ts', "import { relay } from '../upstream/relay.ts'"],
    ['src/telemetry/x.ts', "import '../stores/ledger.ts'"],
    ['src/telemetry/x.ts', "import '../../plugins/auth.ts'"],
    ['src/telemetry/x.ts', 'export const a = process.env'],
    ['src/upstream/x.ts', "import '../telemetry/metrics.ts'"]
  ],
  'plugins and routes take interfaces and never meet': [
    ['plugins/x.ts', "import './auth.ts'"],
    ['plugins/x.ts', "import type { A } from './auth.ts'"],
    ['plugins/x.ts', "import '../src/routes/models.ts'"],
    ['plugins/x.ts', "import '../src/app.ts'"],
    ['plugins/x.ts', "import '../src/stores/open.ts'"],
    ['plugins/x.ts', "import '../src/stores/sqlite/directory.ts'"],
    ['plugins/x.ts', "import '../src/stores/redis/directory.ts'"],
    ['plugins/x.ts', "import { Pool } from 'undici'"],
    ['plugins/x.ts', "import 'ioredis'"],
    ['plugins/x.ts', "import 'node:sqlite'"],
    ['plugins/x.ts', "import { relay } from '../src/upstream/relay.ts'"],
    ['plugins/x.ts', "await import('undici')"],
    ['src/routes/x.ts', "import './models.ts'"],
    ['src/routes/x.ts', "import '../server.ts'"],
    ['src/routes/x.ts', "import '../../plugins/auth.ts'"],
    ['src/routes/organization/x.ts', "import '../models.ts'"],
    ['src/routes/organization/x.ts', "import './keys.ts'"],
    ['src/routes/organization/x.ts', "import '../../stores/sqlite/directory.ts'"]
  ],
  'only app.ts and operator.ts import plugins and routes': [
    ['src/server.ts', "import './routes/models.ts'"],
    ['src/cli.ts', "import '../plugins/auth.ts'"],
    ['src/cli/serve.ts', "import '../../plugins/auth.ts'"],
    ['src/services.ts', "import './routes/models.ts'"]
  ],
  'only the server, the cluster and the command line open stores, read the environment and take signals': [
    ['src/app.ts', "import './stores/open.ts'"],
    ['src/operator.ts', "import './stores/sqlite/directory.ts'"],
    ['src/services.ts', "import 'ioredis'"],
    ['src/app.ts', 'export const a = process.env'],
    ['src/services.ts', "process.once('SIGTERM', () => {})"],
    ['src/stores/x.ts', 'export const a = process.env'],
    ['src/upstream/x.ts', 'process.exit(1)'],
    ['src/routes/x.ts', "import { env } from 'node:process'"],
    ['plugins/x.ts', 'export const { env } = process']
  ],
  'types are explicit, and imported as types': [
    ['src/stores/x.ts', 'export const a: any = 1'],
    ['test/x.test.ts', "import { type A, b } from './b.ts'\nimport { C } from './c.ts'\nexport const c = (a: A): C => b(a)"]
  ]
}

const legal: readonly Snippet[] = [
  ['src/openai/x.ts', "import { a } from './y.ts'\nimport { b } from 'node:zlib'\nexport { a, b }"],
  ['src/openai/deep/x.ts', "import '../scan.ts'"],
  ['src/metering/x.ts', "import '../openai/usage.ts'\nimport '../collections/places.ts'\nimport 'gpt-tokenizer/encoding/o200k_base'\nexport const a = new Date(0)"],
  ['src/answers/x.ts', "import '../metering/pricing.ts'"],
  ['src/config/x.ts', "import '../keys/key.ts'\nimport 'yaml'\nimport 'node:fs'"],
  ['src/stores/redis/x.ts', "import 'ioredis'\nimport '../ledger.ts'\nimport '../../metering/gcra.ts'"],
  ['src/stores/sqlite/x.ts', "import 'node:sqlite'\nsetTimeout(() => {}, 1)"],
  ['src/stores/open.ts', "import './sqlite/directory.ts'\nawait import('./redis/directory.ts')"],
  ['src/upstream/x.ts', "import 'undici'\nimport '../openai/sse.ts'\nexport const a = Date.now()"],
  ['src/upstream/demo/main.ts', "process.once('SIGTERM', () => {})"],
  ['src/telemetry/x.ts', "import type { Tap } from '../upstream/exchange.ts'\nimport '../openai/errors.ts'\nimport 'prom-client'\nawait import('node:fs')\nexport type A = Tap"],
  ['plugins/x.ts', "import '../src/telemetry/metrics.ts'"],
  ['plugins/x.ts', "import 'fastify-plugin'\nimport type { A } from '../src/upstream/gateway.ts'\nimport '../src/openai/errors.ts'\nimport type { B } from '../src/stores/directory.ts'\nexport type C = A | B"],
  ['src/routes/organization/x.ts', "import './schema.ts'\nimport './key-schema.ts'\nimport '../../stores/directory.ts'"],
  ['src/app.ts', "import '../plugins/auth.ts'\nimport './routes/models.ts'\nimport 'fastify'"],
  ['src/operator.ts', "import './routes/health.ts'"],
  ['src/server.ts', "import './stores/open.ts'\nimport './app.ts'\nprocess.once('SIGTERM', () => {})"],
  ['src/cli/serve.ts', "import '../config/load.ts'\nexport const a = process.env"],
  ['src/cluster/workers.ts', 'process.exit(1)']
]

const eslint = new ESLint({ cwd: new URL('..', import.meta.url).pathname })

async function faultsOf ([filePath, source]: Snippet): Promise<string[]> {
  const [result] = await eslint.lintText(`${source}\n`, { filePath })
  return (result?.messages ?? []).map(({ ruleId }) => ruleId ?? 'syntax')
}

const layerRule = /no-restricted-|no-explicit-any|consistent-type-imports/

for (const [behaviour, snippets] of Object.entries(refused)) {
  test(behaviour, async (t) => {
    for (const snippet of snippets) {
      const faults = await faultsOf(snippet)
      t.ok(faults.some((rule) => layerRule.test(rule)), `refused in ${snippet.join(': ')}`)
    }
  })
}

test('what the layers allow passes the whole lint', async (t) => {
  for (const snippet of legal) t.same(await faultsOf(snippet), [], `allowed in ${snippet[0]}`)
})
