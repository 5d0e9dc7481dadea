import t from 'tap'
import { cliArgs, startProcess } from '../helpers/process.ts'
import { startRedis } from '../helpers/redis.ts'

t.test('two workers: one line with the keys, one that says where it listens, and only whole lines', async t => {
  const redis = await startRedis(t)
  const folder = t.testdir({ 'tollgate.yaml': 'drain: { delay: 0ms }' })
  const env = { TOLLGATE_STORE: redis.address, TOLLGATE_DATA_DIR: folder, TOLLGATE_LISTEN: '127.0.0.1:0', TOLLGATE_OPERATOR_LISTEN: '127.0.0.1:0' }
  const gateway = startProcess(t, process.execPath, [...cliArgs, 'serve', '--workers', '2'], env, folder)
  await gateway.says(/"first start".*\n/)
  gateway.process.kill('SIGTERM')
  t.equal(await gateway.exit(), 0, gateway.output)
  const lines = gateway.output.trim().split('\n').map(line => JSON.parse(line) as Record<string, unknown>)
  t.match(lines.filter(({ msg }) => msg === 'first start'), [{ key: /^sk-tg_/, admin_key: /^sk-tgadmin_/ }])
  t.equal(lines.filter(({ msg }) => msg === 'listening').length, 1)
})
