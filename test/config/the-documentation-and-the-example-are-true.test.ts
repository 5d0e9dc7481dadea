import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { checkConfig } from '../../src/config/check.ts'
import { loadConfig } from '../../src/config/load.ts'

const root = new URL('../../', import.meta.url).pathname
const env = { AIMLAPI_API_KEY: 'one', AIMLAPI_SPARE_KEY: 'two', OPENAI_API_KEY: 'three' }
const example = `${root}tollgate.example.yaml`

test('docs/configuration.md is what the schema says', (t) => {
  const { status, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'scripts/configuration-docs.ts', '--check'], { cwd: root, encoding: 'utf8' })
  t.equal(stderr, '')
  t.equal(status, 0)
  t.end()
})

test('the example loads without a fault or a warning', async (t) => {
  const { ok, lines } = await checkConfig({ env, file: example })
  t.equal(ok, true)
  t.same(lines.filter((line) => line.startsWith('warning')), [])
})

test('the models that AIMLAPI has withdrawn go to their successor', async (t) => {
  const { models } = await loadConfig({ env, file: example })
  for (const withdrawn of ['gpt-4-0125-preview', 'gpt-4-1106-preview']) {
    t.match(models[withdrawn], { upstream: 'aimlapi', model: 'openai/gpt-4-turbo-preview' })
  }
})

test('what the example leaves out as a comment loads too', async (t) => {
  const commented = readFileSync(example, 'utf8').replaceAll(/^# {3}(?=store|workers)/gm, '').replace(/^store: sqlite.*$/m, '')
  const { ok, lines } = await checkConfig({ env: { ...env, REDIS_PASSWORD: 'four' }, cwd: t.testdir({ 'tollgate.yaml': commented }) })
  t.equal(ok, true, lines.join('\n'))
})
