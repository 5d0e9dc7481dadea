import { readdirSync } from 'node:fs'
import { test } from 'tap'
import { checkConfig } from '../../src/config/check.ts'
import { loadConfig } from '../../src/config/load.ts'
import { tollgate } from '../cli/command.ts'
import { startGateway } from '../helpers/gateway.ts'
import { scrape } from '../helpers/scrape.ts'

const folder = new URL('./bad/', import.meta.url).pathname
const files = readdirSync(folder)
const env = { PRESENT: 'sk-hunter2', EMPTY: '' }

test('each of them: refused, counted, and what was in effect stays', async t => {
  const gateway = await startGateway(t, { yaml: 'models: { mine: { model: gpt-4o } }' })
  const servedModels = async (): Promise<unknown> => await (await gateway.fetch('/models')).json()
  const before = await servedModels()
  for (const file of files) t.equal(await gateway.server.reload(async () => await loadConfig({ env, file, cwd: folder })), false, file)
  const metrics = await scrape(gateway.operatorUrl)
  t.equal(metrics.value('tollgate_config_reloads_total', { result: 'failed' }), files.length)
  t.equal(metrics.value('tollgate_config_reloads_total', { result: 'ok' }), null)
  t.same(await servedModels(), before)
  t.ok(files.length >= 20)
})

test('the check tells each fault with its file and line', async t => {
  for (const file of files) {
    const { ok, lines } = await checkConfig({ env, file, cwd: folder })
    t.equal(ok, false, file)
    t.ok(lines.every(line => line.startsWith(`${file}:`)), file)
  }
  const { code, output } = await tollgate(t, ['check', '--config', `${folder}unknown-keys.yaml`])
  t.equal(code, 1)
  t.match(output, /unknown-keys\.yaml:\d+:\d+ /)
})
