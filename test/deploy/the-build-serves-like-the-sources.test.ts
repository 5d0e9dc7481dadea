import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { startGatewayProcess } from '../helpers/gateway-process.ts'
import { chat } from '../helpers/provider.ts'

const root = new URL('../../', import.meta.url).pathname

test('npm run build makes a folder that plain Node runs', async t => {
  const folder = t.testdir()
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'build', '--', folder], { cwd: root, encoding: 'utf8' })
  t.equal(status, 0, stdout + stderr)

  const { gateway, publicUrl, operatorUrl } = await startGatewayProcess(t, { entry: join(folder, 'src/cli.js') })
  const response = await fetch(`${publicUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(chat())
  })
  t.equal(response.status, 200)
  t.match(await response.json(), { object: 'chat.completion' })
  t.equal((await fetch(`${operatorUrl}/readyz`)).status, 200)

  const named = (kind: (name: string) => boolean): string[] => readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(kind)
  const built = new Set(readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' }))
  for (const asset of named(name => /\.(sql|lua|html|css)$/.test(name))) t.ok(built.has(asset), asset)
})
