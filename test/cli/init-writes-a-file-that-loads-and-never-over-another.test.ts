import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { checkConfig } from '../../src/config/check.ts'
import { firstFile } from '../../src/cli/first-file.ts'
import { tollgate } from './command.ts'

test('the file loads without a fault', async t => {
  const cwd = t.testdir()
  t.match(await tollgate(t, ['init'], {}, cwd), { code: 0, output: /^tollgate\.yaml is written/ })
  t.match(await checkConfig({ env: {}, cwd }), { ok: true })
})

test('what it leaves out as a comment loads too', async t => {
  const uncommented = firstFile
    .replaceAll(/^# (?=( *[\w"*]+:| *- \w+:))/gm, '')
    .replace(/ {8}keys: #(?:.*\n)+?.*hash: …$/m, '')
    .replace(/^store:.*$/m, '')
  t.match(uncommented, /^projects:$/m)
  const { ok, lines } = await checkConfig({ env: { AIMLAPI_API_KEY: 'one' }, cwd: t.testdir({ 'tollgate.yaml': uncommented }) })
  t.ok(ok, lines.join('\n'))
})

test('a file that is there stays as it is', async t => {
  const cwd = t.testdir({ 'tollgate.yaml': 'mine' })
  t.same(await tollgate(t, ['init'], {}, cwd), { code: 1, output: 'tollgate.yaml is there already and stays as it is. Name another: tollgate init other.yaml\n' })
  t.equal(readFileSync(join(cwd, 'tollgate.yaml'), 'utf8'), 'mine')
})
