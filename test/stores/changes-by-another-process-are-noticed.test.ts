import { EventEmitter, once } from 'node:events'
import t from 'tap'
import type { Test } from 'tap'
import { openDirectory } from '../../src/stores/open.ts'
import type { Directory, DirectoryChange } from '../../src/stores/directory.ts'
import { admin, keyOf, withProject } from './directory-contract/fixture.ts'

async function open (t: Test, path: string): Promise<Directory> {
  const directory = await openDirectory(`sqlite:${path}`)
  t.teardown(() => directory.close())
  return directory
}

// A directory does not keep its process alive: the test must.
t.test('a key revoked by one process is announced in another', async t => {
  const path = `${t.testdir()}/tollgate.db`
  const [one, other] = [await open(t, path), await open(t, path)]
  const alive = setInterval(() => {}, 60_000)
  t.teardown(() => { clearInterval(alive) })
  const changes = new EventEmitter<{ change: [DirectoryChange] }>()
  other.subscribe(change => changes.emit('change', change))
  await withProject(one)
  await one.keys.create(keyOf('p1', 'a1', 'k1'), admin)
  t.match(await once(changes, 'change'), [{ everything: true }], 'the first look can\'t know what was before')
  await one.keys.revoke('k1', admin)
  t.same(await once(changes, 'change'), [{ everything: false, projectIds: [], keyIds: ['k1'] }])
  t.ok((await other.credential('k1'))?.key.revokedAt)
})
