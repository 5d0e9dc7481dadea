import type { Test } from 'tap'
import type { Declared } from '../../../src/stores/directory.ts'
import { admin, auditTypes, firstPage, keyOf, withProject } from './fixture.ts'
import type { OpenEmpty } from './fixture.ts'

const file = { type: 'configuration', id: 'tollgate.yaml', address: null } as const
const nothing: Declared = { organization: null, projects: [], serviceAccounts: [], keys: [] }
const key = keyOf('p1', 'a1', 'k1')
const declared: Declared = {
  organization: { spendLimit: { amountNanoUsd: 9, shadow: false } },
  projects: [{ id: 'p1', name: 'Search' }],
  serviceAccounts: [{ id: 'a1', projectId: 'p1', name: 'crawler' }],
  keys: [key]
}

export function declaredContract (t: Test, openEmpty: OpenEmpty): void {
  t.test('declared objects are made, and applying them again changes nothing', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    const expected = [['create', 'organization', 'organization'], ['create', 'project', 'p1'], ['create', 'service_account', 'a1'], ['create', 'api_key', 'k1']]
    t.same((await directory.declared.diff(declared)).map(({ action, kind, id }) => [action, kind, id]), expected)
    t.equal(await directory.projects.get('p1'), null, 'a diff changes nothing')
    t.same((await directory.declared.apply(declared, file)).map(({ action, kind, id }) => [action, kind, id]), expected)
    t.match(await directory.credential('k1'), { key: { source: 'file' }, project: { source: 'file' }, organization: { source: 'file' } })
    t.same(await directory.declared.apply(declared, file), [])
    t.same((await auditTypes(directory)).slice(2), ['project.created', 'service_account.created', 'api_key.created'])
  })

  t.test('declared objects are read-only but for their file', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    await directory.declared.apply(declared, file)
    const readOnly = { name: 'DirectoryError', fault: 'read_only', message: /configuration/ }
    await t.rejects(directory.projects.update('p1', () => ({ name: 'x' }), admin), readOnly)
    await t.rejects(directory.projects.archive('p1', admin), readOnly)
    await t.rejects(directory.serviceAccounts.delete('a1', admin), readOnly)
    await t.rejects(directory.keys.revoke('k1', admin), readOnly)
    await t.rejects(directory.organization.update(() => ({ spendLimit: null }), admin), readOnly)
    await directory.keys.create(keyOf('p1', 'a1', 'k2'), admin)
    t.match(await directory.keys.revoke('k2', admin), { revokedAt: 1000 }, 'keys made through the API stay the API\'s')
  })

  t.test('a changed declaration changes the object and names the fields', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    await directory.declared.apply(declared, file)
    const changed = { ...declared, projects: [{ id: 'p1', name: 'Find', spendLimit: { amountNanoUsd: 3, shadow: true } }] }
    const changes = await directory.declared.apply(changed, file)
    t.same(changes.map(change => ({ ...change, fields: [...change.fields].sort() })),
      [{ action: 'update', kind: 'project', id: 'p1', fields: ['name', 'spendLimit'] }])
    t.match(await directory.projects.get('p1'), { name: 'Find', createdAt: 1000, spendLimit: { amountNanoUsd: 3 } })
  })

  t.test('what is declared no longer is retired, with the keys of its accounts, and comes back when declared again', async t => {
    const clock = { now: 1000 }
    const directory = await openEmpty(t, clock)
    await directory.declared.apply(declared, file)
    await directory.keys.create(keyOf('p1', 'a1', 'k2'), admin)
    clock.now = 2000
    const changes = await directory.declared.apply(nothing, file)
    t.same(changes.map(({ action, id }) => [action, id]), [['retire', 'organization'], ['retire', 'p1'], ['retire', 'a1'], ['retire', 'k1']])
    t.match(await directory.credential('k1'), { key: { revokedAt: 2000 }, serviceAccount: { deletedAt: 2000 }, project: { archivedAt: 2000 } })
    t.match(await directory.keys.get('k2'), { revokedAt: 2000 })
    t.match(await directory.organization.get(), { spendLimit: null, source: 'api' })
    t.same(await directory.declared.apply(nothing, file), [])
    await directory.declared.apply(declared, file)
    t.match(await directory.credential('k1'), { key: { revokedAt: null, createdAt: 1000 }, serviceAccount: { deletedAt: null }, project: { archivedAt: null } })
    t.same((await directory.keys.list('p1', firstPage)).data.map(({ id }) => id), ['k1'])
  })

  t.test('an object made through the API becomes the file\'s when it is declared', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    t.same((await directory.declared.apply(declared, file)).map(({ action, id }) => [action, id]),
      [['create', 'organization'], ['update', 'p1'], ['update', 'a1'], ['create', 'k1']])
    t.match(await directory.projects.get('p1'), { source: 'file' })
  })

  t.test('all is applied or nothing', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    const broken = { ...declared, keys: [key, keyOf('p1', 'a9', 'k2')] }
    await t.rejects(directory.declared.apply(broken, file), { name: 'DirectoryError', fault: 'not_found' })
    await t.rejects(directory.declared.diff(broken), { name: 'DirectoryError', fault: 'not_found' })
    t.equal(await directory.projects.get('p1'), null)
    t.same(await auditTypes(directory), [])
  })
}
