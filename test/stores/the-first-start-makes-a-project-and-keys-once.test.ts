import t from 'tap'
import type { Test } from 'tap'
import { bootstrap } from '../../src/bootstrap.ts'
import { adminKeyId, digestKey, isKeyFault, mintAdminKey, mintKey, parseAdminKey, parseKey } from '../../src/keys/key.ts'
import { openDirectory } from '../../src/stores/open.ts'
import type { Directory } from '../../src/stores/directory.ts'

const pepper = 'a pepper for tests'
const all = { limit: 100, order: 'asc' } as const

async function open (t: Test, path = `${t.testdir()}/tollgate.db`): Promise<Directory> {
  const directory = await openDirectory(`sqlite:${path}`)
  t.teardown(() => directory.close())
  return directory
}

function idOf (token: string | null): string {
  const parsed = token?.startsWith('sk-tgadmin_') ? parseAdminKey(token) : parseKey(token ?? '')
  if (isKeyFault(parsed)) throw new Error(parsed.message)
  return parsed.id
}

t.test('the first start makes both keys, later starts none', async t => {
  const directory = await open(t)
  const first = await bootstrap(directory, pepper, {})
  t.match(await directory.credential(idOf(first.key)), { key: { digest: digestKey(first.key ?? '', pepper) }, project: { name: 'default' } })
  t.match(await directory.adminKeys.get(idOf(first.adminKey)), { digest: digestKey(first.adminKey ?? '', pepper), source: 'api' })
  t.same(await bootstrap(directory, pepper, {}), { key: null, adminKey: null })
  t.equal((await directory.keys.list('proj_default', all)).data.length, 1)
})

t.test('given keys are taken and not shown', async t => {
  const directory = await open(t)
  const given = { bootstrap_key: mintKey().token, admin_key: mintAdminKey().token }
  t.same(await bootstrap(directory, pepper, given), { key: null, adminKey: null })
  t.ok(await directory.credential(idOf(given.bootstrap_key)))
  t.match(await directory.adminKeys.get(idOf(given.admin_key)), { source: 'file' })
})

t.test('an admin key may be any secret, and follows the configuration at every start', async t => {
  const directory = await open(t)
  const [one, two] = ['correct horse battery staple correct', 'another secret that is long enough']
  await bootstrap(directory, pepper, { admin_key: one })
  await bootstrap(directory, pepper, { admin_key: two })
  t.same((await directory.adminKeys.list(all)).data.map(({ id }) => id), [adminKeyId(two, pepper)])
  t.notMatch(JSON.stringify(await directory.audit.list(all)), /another secret/)
})

t.test('a revoked first key does not come back with the next start', async t => {
  const directory = await open(t)
  const given = { bootstrap_key: mintKey().token }
  await bootstrap(directory, pepper, given)
  await directory.keys.revoke(idOf(given.bootstrap_key), { type: 'system', id: null, address: null })
  await bootstrap(directory, pepper, given)
  t.ok((await directory.keys.get(idOf(given.bootstrap_key)))?.revokedAt)
})

t.test('of several processes that start at once one makes the keys', async t => {
  const path = `${t.testdir()}/tollgate.db`
  const directories = await Promise.all([open(t, path), open(t, path), open(t, path)])
  const made = await Promise.all(directories.map(directory => bootstrap(directory, pepper, {})))
  t.equal(made.filter(({ key }) => key !== null).length, 1)
  t.equal(made.filter(({ adminKey }) => adminKey !== null).length, 1)
  t.equal((await directories[0]?.keys.list('proj_default', all))?.data.length, 1)
})

t.test('another pepper is refused, because no key would work under it', async t => {
  const directory = await open(t)
  await bootstrap(directory, pepper, {})
  await t.rejects(bootstrap(directory, 'another pepper', {}), /TOLLGATE_PEPPER/)
})

t.test('a given key with a typo is refused', async t => {
  const directory = await open(t)
  await t.rejects(bootstrap(directory, pepper, { bootstrap_key: mintKey().token.slice(0, -1) }), /mistyped/)
})
