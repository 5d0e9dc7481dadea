import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { magicModels } from '../../src/upstream/demo.ts'

t.test('each name of the table occurs in a test of magic', async t => {
  const folder = new URL('.', import.meta.url)
  const tests = readdirSync(folder).filter(name => name.startsWith('magic-')).map(name => readFileSync(new URL(name, folder), 'utf8')).join('')
  for (const name of Object.keys(magicModels)) t.match(tests, new RegExp(`['"]${name}(-\\d+)?['"]`), name)
})
