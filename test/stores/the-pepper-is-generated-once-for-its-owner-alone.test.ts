import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { loadPepper } from '../../src/stores/pepper.ts'

t.test('a given pepper is used and nothing is written', async t => {
  const folder = t.testdir()
  t.equal(await loadPepper({ pepper: 'given', data_dir: folder }), 'given')
  t.same(readdirSync(folder), [])
})

t.test('without one, it is generated with its folder, readable by its owner alone, and stays', async t => {
  const folder = `${t.testdir()}/data`
  const pepper = await loadPepper({ data_dir: folder })
  t.match(pepper, /^[0-9a-f]{64}$/)
  t.equal(statSync(`${folder}/pepper`).mode & 0o777, 0o600)
  t.same(readdirSync(folder), ['pepper'], 'no draft is left')
  t.equal(await loadPepper({ data_dir: folder }), pepper)
})

t.test('whoever starts a moment earlier or later gets the same', async t => {
  for (let round = 0; round < 10; round++) {
    const folder = `${t.testdir()}/${round}`
    const peppers = await Promise.all(Array.from({ length: 10 }, async (_, ticks) => {
      for (let tick = 0; tick < ticks; tick++) await setImmediate()
      return loadPepper({ data_dir: folder })
    }))
    t.equal(new Set(peppers).size, 1)
    t.equal(readFileSync(`${folder}/pepper`, 'utf8'), peppers[0])
    t.same(readdirSync(folder), ['pepper'])
  }
})

t.test('an empty file is refused, and left to be looked at', async t => {
  const folder = t.testdir({ pepper: '\n' })
  await t.rejects(loadPepper({ data_dir: folder }), /empty/)
  t.equal(readFileSync(`${folder}/pepper`, 'utf8'), '\n')
})

t.test('a file of the operator\'s own may end in a line break', async t => {
  const folder = t.testdir()
  writeFileSync(`${folder}/pepper`, 'own\n')
  chmodSync(`${folder}/pepper`, 0o400)
  t.equal(await loadPepper({ data_dir: folder }), 'own')
})
