import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Test } from 'tap'
import { forgetOld } from '../../src/stores/directory/retention.ts'
import { openDirectory } from '../../src/stores/open.ts'
import type { Directory } from '../../src/stores/directory.ts'
import { Database } from '../../src/stores/sqlite/database.ts'
import { SqliteOwners } from '../../src/stores/sqlite/directory-owners.ts'
import { SqliteRecords } from '../../src/stores/sqlite/directory-records.ts'
import { admin, keyOf, withProject } from './directory-contract/fixture.ts'
import type { Clock } from './directory-contract/fixture.ts'

const schema = readFileSync(new URL('../../src/stores/sqlite/directory-schema.sql', import.meta.url), 'utf8')
const day = 24 * 3600

async function open (t: Test, path: string, clock: Clock): Promise<Directory> {
  const directory = await openDirectory(`sqlite:${path}`, { now: () => clock.now })
  t.teardown(() => directory.close())
  return directory
}

function openRecords (t: Test, path: string): { db: Database, records: SqliteRecords } {
  const db = new Database(path, schema, 'the directory')
  t.teardown(() => db.close())
  return { db, records: new SqliteRecords(db) }
}

t.test('everything outlives the process, also when keys were last used', async t => {
  const path = `${t.testdir()}/data/tollgate.db`
  const first = await withProject(await open(t, path, { now: 1000 }))
  await first.keys.create(keyOf('p1', 'a1', 'k1'), admin)
  first.keys.noteUse('k1')
  await first.close()
  const second = await open(t, path, { now: 2000 })
  t.match(await second.credential('k1'), { key: { id: 'k1', createdAt: 1000 }, project: { name: 'Search' } })
  t.same(await second.keys.lastUsedAt(['k1']), [1000])
})

t.test('a revoked key is kept for 400 days', async t => {
  const path = `${t.testdir()}/tollgate.db`
  const directory = await withProject(await open(t, path, { now: 1000 }))
  await directory.keys.create(keyOf('p1', 'a1', 'k1'), admin)
  await directory.keys.create(keyOf('p1', 'a1', 'k2'), admin)
  await directory.keys.revoke('k1', admin)
  const { records } = openRecords(t, path.replace('.db', '.directory.db'))
  await forgetOld(records, 1000 + 400 * day)
  t.ok(await directory.keys.get('k1'))
  await forgetOld(records, 1001 + 400 * day)
  t.equal(await directory.keys.get('k1'), null)
  t.ok(await directory.keys.get('k2'), 'a key in use is kept for ever')
})

t.test('the audit log keeps its newest 50,000 entries, and loses the oldest a hundred at a time', async t => {
  const { records } = openRecords(t, ':memory:')
  const puts = Array.from({ length: 50_130 }, (_, index) =>
    ({ kind: 'audit', id: `e${index}`, version: 0, body: JSON.stringify({ id: `e${index}` }), enters: ['audit'], leaves: [] }) as const)
  await records.commit({ expected: [], puts, removals: [] })
  await forgetOld(records, 1000)
  t.equal(await records.count('audit'), 50_030)
  await forgetOld(records, 1000)
  await forgetOld(records, 1000)
  t.equal(await records.count('audit'), 50_000)
  t.match(await records.list('audit', { after: null, limit: 1, order: 'asc' }), [{ id: 'e130' }])
})

t.test('an owner is forgotten when its time is over, and its row with later ones', async t => {
  const clock = { now: 1000 }
  const { db } = openRecords(t, ':memory:')
  const owners = new SqliteOwners(db, () => clock.now)
  const [one, two] = [{ projectId: 'p1', upstream: 'u' }, { projectId: 'p2', upstream: 'u' }]
  await owners.record('resp_1', one, 100)
  await owners.record('resp_2', one, 100)
  clock.now = 1099
  t.same(await owners.get('resp_1'), one)
  clock.now = 1100
  t.equal(await owners.get('resp_1'), null)
  t.same(await owners.record('resp_1', two, 100), two, 'the id is free again')
  t.match(db.get('SELECT count(*) AS count FROM directory_owners'), { count: 1 })
})

t.test('a store that fails is unavailable, which is not "not found"', async t => {
  const directory = await withProject(await open(t, `${t.testdir()}/tollgate.db`, { now: 1000 }))
  await directory.close()
  const unavailable = { name: 'StoreUnavailableError' }
  await t.rejects(directory.credential('k1'), unavailable)
  await t.rejects(directory.projects.list({ limit: 1, order: 'asc', includeArchived: false }), unavailable)
  await t.rejects(directory.projects.update('p1', () => ({ name: 'x' }), admin), unavailable)
  await t.rejects(directory.owners.get('resp_1'), unavailable)
})
