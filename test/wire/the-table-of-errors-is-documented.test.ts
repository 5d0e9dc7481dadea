import { spawnSync } from 'node:child_process'
import t from 'tap'

t.test('docs/errors.md is what the table says', async t => {
  const cwd = new URL('../../', import.meta.url).pathname
  const { status, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'scripts/errors-docs.ts', '--check'], { cwd, encoding: 'utf8' })
  t.equal(stderr, '')
  t.equal(status, 0)
})
