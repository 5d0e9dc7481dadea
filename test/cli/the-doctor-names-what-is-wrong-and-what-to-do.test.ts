import { test } from 'tap'
import type { Test } from 'tap'
import { checkFiles, checkNode } from '../../src/cli/doctor/machine.ts'
import { checkPersistence, readInfo } from '../../src/cli/doctor/redis.ts'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import { sendJson, startProvider } from '../helpers/provider.ts'
import { startRedis } from '../helpers/redis.ts'
import { tollgate } from './command.ts'

interface Finding {
  readonly check: string
  readonly level: string
  readonly message: string
  readonly fix: string | null
}

const anywhere = { TOLLGATE_LISTEN: '127.0.0.1:0', TOLLGATE_OPERATOR_LISTEN: '127.0.0.1:0' }

async function examined (t: Test, env: Readonly<Record<string, string>>): Promise<{ readonly code: number | null, readonly of: (check: string) => Finding | undefined }> {
  const { code, output } = await tollgate(t, ['doctor', '--json'], { ...anywhere, ...env }, t.testdir())
  const findings = JSON.parse(output) as readonly Finding[]
  return { code, of: check => findings.find(finding => finding.check === check) }
}

test('a first start is well; for people it is one line each', async t => {
  const { code, output } = await tollgate(t, ['doctor'], anywhere, t.testdir())
  t.equal(code, 0)
  t.match(output, /^ok {4}configuration: no faults$/m)
  t.match(output, /^warn {2}upstream demo: .* → set AIMLAPI_API_KEY/m)
})

test('faults of the configuration are told with their lines', async t => {
  const { code, output } = await tollgate(t, ['doctor'], anywhere, t.testdir({ 'tollgate.yaml': 'stoer: redis://x\n' }))
  t.equal(code, 1)
  t.match(output, /^fail {2}configuration: tollgate\.yaml:1:1 unknown key "stoer".* → /)
})

test('an upstream that refuses the key, and one that is not there', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, {}, 401) })
  const refused = await examined(t, { AIMLAPI_API_KEY: 'sk-secret', AIMLAPI_BASE_URL: provider.url })
  t.match(refused.of('upstream aimlapi'), { level: 'fail', message: /401 .*the key is refused/, fix: /check the key/ })
  t.match(provider.requests[0], { url: '/v1/models', headers: { authorization: 'Bearer sk-secret' } })
  const unknown = await examined(t, { AIMLAPI_API_KEY: 'sk-secret', AIMLAPI_BASE_URL: 'http://nowhere.invalid/v1' })
  t.match(unknown.of('upstream aimlapi'), { level: 'fail', message: /nowhere\.invalid is not known/ })
  t.equal(unknown.code, 1)
})

test('a Redis that evicts, and forgets, is no store', async t => {
  const redis = await startRedis(t, '--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru', '--appendonly', 'no')
  const { code, of } = await examined(t, { TOLLGATE_STORE: redis.address })
  t.equal(code, 1)
  t.match(of('store'), { level: 'ok' })
  t.match(of('store scripts'), { level: 'ok' })
  t.match(of('store clock'), { level: 'ok' })
  t.match(of('store eviction'), { level: 'fail', fix: /noeviction/ })
  t.match(of('store persistence'), { level: 'warn', fix: /appendonly yes/ })
})

test('a Redis that is away, and one whose AOF cannot be written', async t => {
  const { of } = await examined(t, { TOLLGATE_STORE: 'redis://user:hunter2@127.0.0.1:1' })
  t.match(of('store'), { level: 'fail', message: /ECONNREFUSED/ })
  t.notMatch(JSON.stringify(of('store')), /hunter2/)
  t.match(checkPersistence('store', readInfo('aof_enabled:1\r\naof_last_write_status:err\r\n')), { level: 'fail' })
})

test('a port that a gateway has is well, a port that another program has is not', async t => {
  const { operatorUrl, publicUrl } = await startGatewayProcess(t)
  const own = await examined(t, { TOLLGATE_LISTEN: new URL(publicUrl).host, TOLLGATE_OPERATOR_LISTEN: new URL(operatorUrl).host })
  t.match(own.of('listen'), { level: 'ok', message: /a gateway is running/ })
  const other = await examined(t, { TOLLGATE_LISTEN: new URL(publicUrl).host })
  t.match(other.of('listen'), { level: 'fail', message: /another program/ })
})

test('an old Node and few open files', t => {
  t.match(checkNode('22.19.0'), { level: 'fail', fix: 'use Node 24 or later' })
  t.match(checkFiles(1024, 10_000), { level: 'warn', fix: /ulimit -n 20000/ })
  t.match(checkFiles(null, 10_000), { level: 'ok' })
  t.end()
})
