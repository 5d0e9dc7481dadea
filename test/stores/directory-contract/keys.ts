import type { Test } from 'tap'
import { credentialFault } from '../../../src/stores/directory/credential.ts'
import { admin, adminKeyOf, audited, auditTypes, firstPage, keyOf, seedOf, withProject } from './fixture.ts'
import type { OpenEmpty } from './fixture.ts'

const notFound = { name: 'DirectoryError', fault: 'not_found' }
const retired = { name: 'DirectoryError', fault: 'retired' }

export function keysContract (t: Test, openEmpty: OpenEmpty): void {
  t.test('a credential holds the key, its account, its project and the organization', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    const key = await directory.keys.create({ ...keyOf('p1', 'a1', 'k1'), scopes: ['model.request'], expiresAt: 5000 }, admin)
    await directory.organization.update(() => ({ spendLimit: { amountNanoUsd: 1, shadow: false } }), admin)
    const credential = await directory.credential('k1')
    t.same(credential?.key, key)
    t.ok(Buffer.isBuffer(credential?.key.digest), 'the digest comes back as bytes')
    t.same(credential?.serviceAccount, await directory.serviceAccounts.get('a1'))
    t.same(credential?.project, await directory.projects.get('p1'))
    t.same(credential?.organization, await directory.organization.get())
  })

  t.test('a key that is not there has no credential', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    await directory.setUp(seedOf('mark'), admin)
    t.equal(await directory.credential('k1'), null)
    t.equal(await directory.keyDigest('k1'), null)
    t.equal(await directory.keys.get('k1'), null)
  })

  t.test('a stranger is compared with the digest of a key, also of one that has ended', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    const { digest } = await directory.keys.create(keyOf('p1', 'a1', 'k1'), admin)
    t.same(await directory.keyDigest('k1'), digest)
    await directory.keys.revoke('k1', admin)
    t.same(await directory.keyDigest('k1'), digest)
  })

  t.test('a directory that has lost its contents is unavailable, which is not "no such key"', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    await t.rejects(directory.credential('k1'), { name: 'StoreUnavailableError' })
    await t.rejects(directory.keyDigest('k1'), { name: 'StoreUnavailableError' })
    await t.rejects(directory.adminKeys.list(firstPage), { name: 'StoreUnavailableError' })
  })

  t.test('a credential has another version whenever anything in it has changed', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    await directory.keys.create(keyOf('p1', 'a1', 'k1'), admin)
    const versions = [(await directory.credential('k1'))?.version]
    const changes = [
      () => directory.keys.update('k1', () => ({ name: 'x' }), admin),
      () => directory.serviceAccounts.rename('a1', 'x', admin),
      () => directory.projects.update('p1', () => ({ name: 'x' }), admin),
      () => directory.organization.update(() => ({ spendLimit: { amountNanoUsd: 1, shadow: false } }), admin)
    ]
    for (const change of changes) {
      await change()
      versions.push((await directory.credential('k1'))?.version)
    }
    t.equal(new Set(versions).size, 5)
    t.equal((await directory.credential('k1'))?.version, versions.at(-1), 'and the same one while nothing has')
  })

  t.test('a key ends by being revoked, by expiring, with its account, and with its project', async t => {
    const clock = { now: 1000 }
    const directory = await withProject(await openEmpty(t, clock))
    const fault = async (id: string, now: number) => {
      const credential = await directory.credential(id)
      return credential && credentialFault(credential, now)
    }
    await directory.keys.create({ ...keyOf('p1', 'a1', 'k1'), expiresAt: 2000 }, admin)
    await directory.keys.create(keyOf('p1', 'a1', 'k2'), admin)
    await directory.serviceAccounts.create({ id: 'a2', projectId: 'p1', name: 'x' }, admin)
    await directory.keys.create(keyOf('p1', 'a2', 'k3'), admin)
    t.equal(await fault('k1', 1999), null)
    t.equal(await fault('k1', 2000), 'expired')
    await directory.keys.revoke('k2', admin)
    t.equal(await fault('k2', 1000), 'revoked')
    await directory.projects.archive('p1', admin)
    t.equal(await fault('k3', 1000), 'project_archived')
  })

  t.test('revoking twice is revoking once', async t => {
    const clock = { now: 1000 }
    const directory = await withProject(await openEmpty(t, clock))
    await directory.keys.create(keyOf('p1', 'a1', 'k1'), admin)
    t.equal((await directory.keys.revoke('k1', admin)).revokedAt, 1000)
    clock.now = 2000
    t.equal((await directory.keys.revoke('k1', admin)).revokedAt, 1000)
    t.same((await auditTypes(directory)).slice(2), ['api_key.created', 'api_key.deleted'])
    await t.rejects(directory.keys.revoke('k9', admin), notFound)
    await t.rejects(directory.keys.update('k1', () => ({ name: 'x' }), admin), retired)
  })

  t.test('a key made again under its id stays as it is, even revoked; another digest is refused', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    const given = keyOf('p1', 'a1', 'k1')
    await directory.keys.create(given, admin)
    await directory.keys.revoke('k1', admin)
    t.equal((await directory.keys.create(given, admin)).revokedAt, 1000)
    await t.rejects(directory.keys.create({ ...given, digest: Buffer.alloc(32) }, admin), { name: 'DirectoryError', fault: 'exists' })
  })

  t.test('a key needs an account of its own project', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    await directory.projects.create({ id: 'p2', name: 'Other' }, admin)
    await t.rejects(directory.keys.create(keyOf('p1', 'a9'), admin), notFound)
    await t.rejects(directory.keys.create(keyOf('p9', 'a1'), admin), notFound)
    await t.rejects(directory.keys.create(keyOf('p2', 'a1'), admin), notFound)
    await t.rejects(directory.serviceAccounts.create({ id: 'a2', projectId: 'p9', name: 'x' }, admin), notFound)
    t.same((await directory.keys.list('p2', firstPage)).data, [])
  })

  t.test('lists hold the keys of one project that are not revoked', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    await directory.projects.create({ id: 'p2', name: 'Other' }, admin)
    await directory.serviceAccounts.create({ id: 'b1', projectId: 'p2', name: 'x' }, admin)
    for (const id of ['k1', 'k2', 'k3']) await directory.keys.create(keyOf('p1', 'a1', id), admin)
    await directory.keys.create(keyOf('p2', 'b1', 'k4'), admin)
    await directory.keys.revoke('k2', admin)
    t.same((await directory.keys.list('p1', firstPage)).data.map(({ id }) => id), ['k1', 'k3'])
    t.same((await directory.keys.list('p1', { limit: 1, order: 'asc', after: 'k2' })).data.map(({ id }) => id), ['k3'])
    t.same((await directory.keys.list('p2', firstPage)).data.map(({ id }) => id), ['k4'])
  })

  t.test('deleting an account revokes its keys, however many, and only them', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    await directory.serviceAccounts.create({ id: 'a2', projectId: 'p1', name: 'x' }, admin)
    await directory.keys.create(keyOf('p1', 'a2', 'other'), admin)
    const ids = Array.from({ length: 60 }, (_, index) => `k${index}`)
    for (const id of ids) await directory.keys.create(keyOf('p1', 'a1', id), admin)
    await directory.serviceAccounts.delete('a1', admin)
    t.same((await directory.keys.list('p1', firstPage)).data.map(({ id }) => id), ['other'])
    t.equal((await directory.keys.get('k59'))?.revokedAt, 1000)
    t.same((await directory.serviceAccounts.list('p1', firstPage)).data.map(({ id }) => id), ['a2'])
    t.match(await directory.serviceAccounts.get('a1'), { deletedAt: 1000 })
    await t.rejects(directory.serviceAccounts.rename('a1', 'y', admin), retired)
    await t.rejects(directory.keys.create(keyOf('p1', 'a1'), admin), retired)
    t.match(await directory.serviceAccounts.delete('a1', admin), { deletedAt: 1000 }, 'deleting twice is deleting once')
  })

  t.test('no digest is in the audit log, only its start', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    const { digest } = await directory.keys.create(keyOf('p1', 'a1'), admin)
    const text = JSON.stringify(await audited(directory))
    t.notMatch(text, digest.toString('hex'))
    t.match(text, digest.toString('hex', 0, 4))
  })

  t.test('admin keys are made, listed and revoked', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    await directory.setUp({ ...seedOf('mark'), adminKey: null }, admin)
    const given = adminKeyOf('m1')
    const key = await directory.adminKeys.create({ ...given, expiresAt: 9000 }, admin)
    t.same(await directory.adminKeys.get('m1'), { ...given, createdAt: 1000, expiresAt: 9000, revokedAt: null, source: 'api' })
    t.same((await directory.adminKeys.list(firstPage)).data, [key])
    await directory.adminKeys.revoke('m1', admin)
    t.same((await directory.adminKeys.list(firstPage)).data, [])
    t.match(await directory.adminKeys.get('m1'), { revokedAt: 1000 })
    await t.rejects(directory.adminKeys.revoke('m9', admin), notFound)
  })

  t.test('a given admin key takes the place of the one given before, and only the configuration changes it', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    await directory.adminKeys.create(adminKeyOf('made'), admin)
    await directory.adminKeys.declare(adminKeyOf('one'), admin)
    const two = adminKeyOf('two')
    await directory.adminKeys.declare(two, admin)
    await directory.adminKeys.declare(two, admin)
    t.same((await directory.adminKeys.list(firstPage)).data.map(({ id }) => id), ['made', 'two'])
    await t.rejects(directory.adminKeys.revoke('two', admin), { name: 'DirectoryError', fault: 'read_only' })
    await directory.adminKeys.declare(null, admin)
    t.same((await directory.adminKeys.list(firstPage)).data.map(({ id }) => id), ['made'])
    t.same(await auditTypes(directory), [
      'admin_api_key.created', 'admin_api_key.created', 'admin_api_key.deleted', 'admin_api_key.created', 'admin_api_key.deleted'
    ])
  })

  t.test('when a key was last used is known at once and outlives the process', async t => {
    const clock = { now: 1000 }
    const directory = await openEmpty(t, clock)
    directory.keys.noteUse('k1')
    clock.now = 1234
    directory.keys.noteUse('k1')
    t.same(await directory.keys.lastUsedAt(['k1', 'k2']), [1234, null])
    t.same(await directory.keys.lastUsedAt([]), [])
  })
}
