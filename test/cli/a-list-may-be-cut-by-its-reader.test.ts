import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'tap'
import { cliArgs } from '../helpers/process.ts'

test('a command whose reader has gone ends in silence', async t => {
  const child = spawn(process.execPath, [...cliArgs, 'check'], { env: { PATH: process.env['PATH'] ?? '' }, cwd: t.testdir(), stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  child.stdout.destroy()
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => { said += text })
  const [code] = await once(child, 'close') as [number | null]
  t.equal(said, '')
  t.equal(code, 0)
})
