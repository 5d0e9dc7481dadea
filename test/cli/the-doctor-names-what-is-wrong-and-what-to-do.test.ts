import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { checkFiles, checkNode } from '../../src/cli/doctor/machine.ts'
import { checkMemory, checkPersistence, readInfo } from '../../src/cli/doctor/redis.ts'
import { openLedger } from '../../src/stores/open.ts'
import { verdictOn } from '../../src/cli/doctor/ledger.ts'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import { aRequest, ridAt } from '../helpers/metering.ts'
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

async function examined (t: Test, env: Readonly<Record<string, string>>, folder = t.testdir()): Promise<{ readonly code: number | null, readonly of: (check: string) => Finding | undefined }> {
  const { code, output } = await tollgate(t, ['doctor', '--json'], { ...anywhere, ...env }, folder)
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

test('folders that cannot be, and a store that is no database', async t => {
  const folder = t.testdir({ file: '', broken: { 'tollgate.db': 'not a database, and long enough to be one: '.repeat(100) } })
  for (const data of ['file', 'file/below']) {
    const { code, of } = await examined(t, { TOLLGATE_DATA_DIR: join(folder, data) }, folder)
    t.match(of('disk'), { level: 'fail', message: /\/file is a file$/, fix: /data_dir/ })
    t.equal(code, 1)
  }
  const away = await examined(t, { TOLLGATE_STORE: `sqlite:${join(folder, 'new.db')}`, TOLLGATE_DATA_DIR: join(folder, 'file') }, folder)
  t.match([away.code, away.of('data_dir')], [1, { level: 'fail' }], 'the data folder counts beside the store\'s')
  const broken = await examined(t, { TOLLGATE_DATA_DIR: join(folder, 'broken') }, folder)
  t.match(broken.of('ledger'), { level: 'fail', message: 'cannot be read (file is not a database)', fix: /backup/ })
  t.equal(broken.code, 1)
  const later = await examined(t, { TOLLGATE_DATA_DIR: join(folder, 'a/b/c') }, folder)
  t.match([later.code, later.of('disk')], [0, { level: 'ok', message: /is made at the first start$/ }])
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
})

test('how Redis keeps what it is given', t => {
  const found = (info: string, sync: string | null = 'everysec') => checkPersistence('store', readInfo(info.replaceAll(' ', '\r\n')), sync)
  const saved = `rdb_last_save_time:${Math.floor(Date.now() / 1000) - 600} rdb_changes_since_last_save:12 rdb_last_bgsave_status:ok`
  const aof = 'aof_enabled:1 aof_last_write_status:ok aof_last_bgrewrite_status:ok'
  t.match(found(`${saved} ${aof}`), { level: 'ok', message: 'AOF, synced everysec; last snapshot 10 min and 12 changes ago' })
  t.match(found(`${saved} ${aof}`, null), { level: 'ok', message: /^AOF; last/ })
  t.match(found(`${saved} ${aof}`, 'no'), { level: 'warn', fix: /everysec/ })
  t.match(found(`${saved} aof_enabled:0`), { level: 'warn', message: /^without AOF: .*10 min/, fix: /appendonly yes/ })
  t.match(found('aof_enabled:1 aof_last_write_status:err'), { level: 'fail', message: /cannot be written/ })
  t.match(found('aof_enabled:1 aof_last_write_status:ok aof_last_bgrewrite_status:err'), { level: 'warn', message: /grows/ })
  t.match(found(`rdb_last_bgsave_status:err ${aof}`), { level: 'fail', message: /snapshots fail/ })
  t.match(checkMemory('store', readInfo('used_memory:900\r\nmaxmemory:1000')), { level: 'warn', message: '900 B used of 1000 B' })
  t.match(checkMemory('store', readInfo('used_memory:1572864\r\nmaxmemory:1073741824')), { level: 'ok', message: '1.5 MiB used of 1.0 GiB' })
  t.match(checkMemory('store', readInfo('used_memory:900\r\nmaxmemory:0')), { level: 'warn', fix: /maxmemory/ })
  t.end()
})

test('how many rows the ledger holds, for how long, and what one takes', async t => {
  const redis = await startRedis(t)
  for (const store of [`sqlite:${join(t.testdir(), 'tollgate.db')}`, redis.address]) {
    const ledger = await openLedger(store, { timeZone: 'UTC', durability: 'process', folder: t.testdirName, onEvent: () => {} })
    for (let request = 0; request < 100; request++) await ledger.admit(aRequest(ridAt(Date.now()), { hit: true }))
    await ledger.reap()
    t.match((await examined(t, { TOLLGATE_STORE: store }, t.testdirName)).of('ledger'), { level: 'ok', message: /^100 rows of 1 days, [\d.]+ [KM]iB, [\d.]+ K?i?B each, .* for 3 days, by the hour for 400, ended requests are remembered for 3 days$/ })
    await ledger.close()
  }
  t.match(verdictOn({ rows: 1000, bytes: 300_000, since: 0 }, 101 * 86_400_000), { level: 'warn', message: /^1000 rows of 101 days, 293\.0 KiB, 300 B each, 2\.9 KiB a day/, fix: /ledger archive/ })
  t.match(verdictOn({ rows: 0, bytes: 4096, since: null }, 0), { level: 'ok', message: /^no rows/ })
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
