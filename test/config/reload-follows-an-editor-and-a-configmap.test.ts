import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { follow, teams } from './reload.ts'

test('an editor that writes a new file and renames it, twice', async t => {
  const folder = t.testdir({ 'tollgate.yaml': teams('one') })
  const gateway = await follow(t, join(folder, 'tollgate.yaml'))
  t.same(await gateway.teams(), ['one'])
  for (const names of [['one', 'two'], ['three']]) {
    await writeFile(join(folder, '.tollgate.yaml.swp'), teams(...names))
    await rename(join(folder, '.tollgate.yaml.swp'), join(folder, 'tollgate.yaml'))
    t.match(await gateway.reloaded(), { msg: 'configuration reloaded' })
    t.same(await gateway.teams(), names.toSorted())
  }
})

test('a ConfigMap whose symlink is swapped, twice', async t => {
  const folder = t.testdir()
  await fill('first', 'one')
  await symlink('..first', join(folder, '..data'))
  await symlink(join('..data', 'tollgate.yaml'), join(folder, 'tollgate.yaml'))
  const gateway = await follow(t, join(folder, 'tollgate.yaml'))
  t.same(await gateway.teams(), ['one'])
  for (const [before, now, name] of [['first', 'second', 'two'], ['second', 'third', 'three']] as const) {
    await fill(now, name)
    await symlink(`..${now}`, join(folder, '..data_tmp'))
    await rename(join(folder, '..data_tmp'), join(folder, '..data'))
    await rm(join(folder, `..${before}`), { recursive: true })
    t.match(await gateway.reloaded(), { msg: 'configuration reloaded' })
    t.same(await gateway.teams(), [name])
  }

  async function fill (version: string, name: string): Promise<void> {
    await mkdir(join(folder, `..${version}`))
    await writeFile(join(folder, `..${version}`, 'tollgate.yaml'), teams(name))
  }
})
