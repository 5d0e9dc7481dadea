import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { searchLogs } from '../../scripts/leaks.ts'
import { mintKey, redactKey } from '../../src/keys/key.ts'

const root = new URL('../../', import.meta.url).pathname
const prompt = 'a "prompt" that nobody else may read'

test('each secret and prompt of a test is looked for in its log, also as JSON spells it', async t => {
  const key = mintKey().token
  const logs: Record<string, string> = {
    prompt: JSON.stringify({ msg: `the body was ${prompt}` }),
    key: `authorization: Bearer ${mintKey().token}`,
    clean: `${redactKey(key)} ${JSON.stringify({ msg: 'request' })}`
  }
  for (const [name, log] of Object.entries(logs)) {
    const folder = t.testdir({ '1.log': `${log}\n`, '1.secrets': JSON.stringify({ test: 'x.test.ts', secrets: [key, prompt] }) })
    const { lines, secrets, leaks } = searchLogs(folder)
    t.same([lines, secrets, leaks.length], [1, 2, name === 'clean' ? 0 : 1], name)
  }
})

test('what a gateway of a test logs gets there, with the test\'s secrets and prompts', async t => {
  const folder = t.testdir({ logs: {} })
  const file = join(folder, 'probe.ts')
  writeFileSync(file, `
    import t from 'tap'
    import { startGateway } from '${root}test/helpers/gateway.ts'
    import { startGatewayProcess } from '${root}test/helpers/gateway-process.ts'
    const body = { model: 'm', messages: [{ role: 'user', content: ${JSON.stringify(prompt)} }] }
    t.test('probe', async t => {
      const gateway = await startGateway(t)
      await (await gateway.fetch('/chat/completions', { body })).text()
      gateway.server.logger.trace({ body }, 'leaked on purpose')
      await startGatewayProcess(t)
    })
  `)
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', file], { cwd: root, env: { ...process.env, TOLLGATE_TEST_LOGS: join(folder, 'logs') }, stdio: 'ignore' })
  const { lines, secrets, leaks } = searchLogs(join(folder, 'logs'))
  t.ok(lines > 4, `${lines} lines`)
  t.ok(secrets >= 6, `${secrets} secrets`)
  t.same(leaks, [`${file}: in its log stands ${JSON.stringify(prompt)}`])
})
