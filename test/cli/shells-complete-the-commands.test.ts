import { spawnSync } from 'node:child_process'
import { test } from 'tap'
import type { Test } from 'tap'
import { tollgate } from './command.ts'

/** What bash offers after the words; the last one is being typed. */
async function offered (t: Test, ...words: readonly string[]): Promise<string[]> {
  const { output: script } = await tollgate(t, ['completion', 'bash'])
  const { stdout, stderr } = spawnSync('bash', ['-c', `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tollgate; printf '%s\\n' "\${COMPREPLY[@]}"`, 'bash', 'tollgate', ...words], { encoding: 'utf8' })
  t.equal(stderr, '')
  return stdout.trim().split('\n')
}

test('bash completes commands, commands below them, and options', async t => {
  t.same(await offered(t, 'pro'), ['projects'])
  t.same((await offered(t, 'keys', '')).filter(word => !word.startsWith('-')), ['new', 'create', 'list', 'rotate', 'revoke'])
  t.same(await offered(t, 'keys', 'rotate', 'abc', '--gr'), ['--grace'])
})

test('every shell has a script that names every command', async t => {
  for (const shell of ['zsh', 'fish']) {
    const { code, output } = await tollgate(t, ['completion', shell])
    t.equal(code, 0)
    for (const word of ['serve', 'doctor', 'projects', 'rotate', 'purge', 'concurrency']) t.match(output, word, `${shell}: ${word}`)
  }
})

test('another shell is refused', async t => {
  t.match(await tollgate(t, ['completion', 'tcsh']), { code: 1, output: /bash, zsh, fish/ })
})
