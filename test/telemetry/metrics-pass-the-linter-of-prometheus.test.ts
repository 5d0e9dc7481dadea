import { spawnSync } from 'node:child_process'
import { test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { chat } from '../helpers/provider.ts'
import { scrape } from '../helpers/scrape.ts'

test('promtool has nothing to say about a scrape', async t => {
  const gateway = await startGateway(t)
  await (await gateway.fetch('/chat/completions', { body: chat() })).text()
  await (await gateway.fetch('/chat/completions', { body: chat({ stream: true }) })).text()
  await (await gateway.fetch('/nowhere')).text()
  const { text } = await scrape(gateway.operatorUrl)
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
  t.equal(status, 0, stdout + stderr)
})

test('every metric is ours, and says what it is', async t => {
  const gateway = await startGateway(t)
  const { text } = await scrape(gateway.operatorUrl)
  for (const [, name, help] of text.matchAll(/^# HELP (\S+) (.*)$/gm)) {
    t.match(name, /^tollgate_/)
    t.ok(help)
  }
})
