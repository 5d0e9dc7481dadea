import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { cliArgs, startProcess } from '../helpers/process.ts'
import { tollgate } from './command.ts'
import type { Ended } from './command.ts'

const free = { TOLLGATE_LISTEN: '127.0.0.1:0', TOLLGATE_OPERATOR_LISTEN: '127.0.0.1:0' }

async function start (t: Test, folder: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return await tollgate(t, ['serve'], { ...free, TOLLGATE_DATA_DIR: folder, ...env }, import.meta.dirname)
}

for (const setting of ['TOLLGATE_LISTEN', 'TOLLGATE_OPERATOR_LISTEN']) {
  test(`${setting} is taken`, async t => {
    const other = createServer().listen(0, '127.0.0.1')
    t.teardown(() => other.close())
    await once(other, 'listening')
    const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`
    const { code, output } = await start(t, t.testdir(), { [setting]: taken })
    t.equal(code, 1)
    t.match(output, new RegExp(`^${taken} is in use by another process[^\\n]+TOLLGATE_OPERATOR_LISTEN\\)\\n$`))
  })
}

test('an address of another machine', async t => {
  t.match(await start(t, t.testdir(), { TOLLGATE_LISTEN: '192.0.2.1:80' }), { code: 1, output: /^192\.0\.2\.1:80 is no address of this machine[^\n]+\n$/ })
})

test('a data folder that is a file', async t => {
  const file = join(t.testdir({ file: '' }), 'file')
  t.match(await start(t, file), { code: 1, output: /^ENOTDIR[^\n]+TOLLGATE_DATA_DIR[^\n]+\n$/ })
})

test('a ledger that another gateway has open', async t => {
  const folder = t.testdir()
  const first = startProcess(t, process.execPath, [...cliArgs, 'serve'], { ...free, TOLLGATE_DATA_DIR: folder }, folder)
  await first.says(/"msg":"listening"/)
  t.match(await start(t, folder), { code: 1, output: /^[^\n]+ is in use by another process\. Several processes need Redis as their store\.\n$/ })
})

test('a store that is no database', async t => {
  const folder = t.testdir({ 'tollgate.db': 'not a database, and long enough to be one: '.repeat(100) })
  t.match(await start(t, folder), { code: 1, output: /^the ledger did not answer \(file is not a database\)[^\n]+tollgate doctor\n$/ })
})

test('an empty pepper', async t => {
  const folder = t.testdir({ pepper: '' })
  const complaint = /^(sk-tg_\w+\n)?The file [^\n]+ is empty\. Restore it[^\n]+\n$/
  t.match(await start(t, folder), { code: 1, output: complaint })
  t.match(await tollgate(t, ['keys', 'new', '--declare'], { TOLLGATE_DATA_DIR: folder }, folder), { code: 1, output: complaint })
})

test('another pepper', async t => {
  const folder = t.testdir()
  const first = startProcess(t, process.execPath, [...cliArgs, 'serve'], { ...free, TOLLGATE_DATA_DIR: folder }, folder)
  await first.says(/"msg":"listening"/)
  first.process.kill('SIGKILL')
  await first.exit()
  t.match(await start(t, folder, { TOLLGATE_PEPPER: 'another pepper, as long as need be' }), { code: 1, output: /^The pepper is not the one[^\n]+\n$/ })
})
