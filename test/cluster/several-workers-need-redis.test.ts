import t from 'tap'
import { cliArgs, startProcess } from '../helpers/process.ts'

t.test('without it nothing starts, and the setting is named', async t => {
  const gateway = startProcess(t, process.execPath, [...cliArgs, 'serve', '--workers', '2'], { TOLLGATE_DATA_DIR: t.testdir() }, t.testdir())
  t.equal(await gateway.exit(), 1)
  t.match(gateway.output, /TOLLGATE_WORKERS: 2 processes need Redis as store/)
})

t.test('a gateway whose workers cannot start ends', async t => {
  const env = { TOLLGATE_DATA_DIR: t.testdir(), TOLLGATE_STORE: 'redis://127.0.0.1:1', TOLLGATE_PEPPER: 'a pepper for tests only', TOLLGATE_LISTEN: '203.0.113.1:1' }
  const gateway = startProcess(t, process.execPath, [...cliArgs, 'serve', '--workers', '2'], env, t.testdir())
  t.equal(await gateway.exit(), 1)
  t.match(gateway.output, /203\.0\.113\.1:1 is no address of this machine/)
  t.match(gateway.output, 'a worker ended before it served')
})
