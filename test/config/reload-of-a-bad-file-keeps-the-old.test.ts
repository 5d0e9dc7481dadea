import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { scrape } from '../helpers/scrape.ts'
import { follow, teams } from './reload.ts'

test('a bad file is told and counted, and the old one stays', async t => {
  const file = join(t.testdir({ 'tollgate.yaml': teams('one') }), 'tollgate.yaml')
  const gateway = await follow(t, file)
  await writeFile(file, 'projects:\n  two: { nmae: Two }\n')
  t.match(await gateway.reloaded(), { msg: /^configuration not reloaded/, faults: [/:2:10 projects\.two: unknown key "nmae"/] })
  t.same(await gateway.teams(), ['one'])
  t.equal((await scrape(gateway.operatorUrl)).value('tollgate_config_reloads_total', { result: 'failed' }), 1)

  await writeFile(file, teams('two'))
  t.match(await gateway.reloaded(), { msg: 'configuration reloaded' })
  t.same(await gateway.teams(), ['two'])
  t.equal((await scrape(gateway.operatorUrl)).value('tollgate_config_reloads_total', { result: 'ok' }), 1)
})

test('SIGHUP reads the file again; one that is gone is a bad one', async t => {
  const file = join(t.testdir({ 'tollgate.yaml': teams('one') }), 'tollgate.yaml')
  const gateway = await follow(t, file)
  gateway.gateway.child.kill('SIGHUP')
  t.match(await gateway.reloaded(), { msg: 'configuration reloaded', changes: 0 })
  await rm(file)
  gateway.gateway.child.kill('SIGHUP')
  t.match(await gateway.reloaded(), { msg: /^configuration not reloaded/, faults: [/cannot be read/] })
  t.same(await gateway.teams(), ['one'])
})

test('what only a restart can change is named', async t => {
  const file = join(t.testdir({ 'tollgate.yaml': teams('one') }), 'tollgate.yaml')
  const gateway = await follow(t, file)
  await writeFile(file, `${teams('two')}door: { max: 7 }\n`)
  t.match(await gateway.reloaded(), { msg: 'configuration reloaded', needs_restart: ['door'] })
  t.same(await gateway.teams(), ['two'])
})
