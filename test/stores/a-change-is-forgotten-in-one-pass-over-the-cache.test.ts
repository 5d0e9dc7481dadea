import t from 'tap'
import { CredentialCache } from '../../src/stores/credential-cache.ts'
import type { Credential, Directory, DirectoryChange } from '../../src/stores/directory.ts'

t.test('with several keys remembered, a change of their project ends and makes each be read again', async t => {
  let announce: (change: DirectoryChange) => void = () => {}
  let reads = 0
  const directory = {
    subscribe: (listener: typeof announce) => {
      announce = listener
      return () => {}
    },
    credential: async (id: string) => {
      reads++
      return { key: { id }, project: { id: 'proj_a' } } as unknown as Credential
    }
  } as unknown as Directory
  const cache = new CredentialCache(directory)
  for (const id of ['one', 'two', 'three']) await cache.read(id)
  announce({ everything: false, keyIds: [], projectIds: ['proj_a'] })
  for (const id of ['one', 'two', 'three']) await cache.read(id)
  t.equal(reads, 6)
  announce({ everything: true, keyIds: [], projectIds: [] })
  await cache.read('one')
  t.equal(reads, 7)
})

t.test('a change of anything is no reason to refuse a key while the store is away; a change of the key is', async t => {
  let announce: (change: DirectoryChange) => void = () => {}
  let isAway = false
  const cache = new CredentialCache({
    subscribe: (listener: typeof announce) => {
      announce = listener
      return () => {}
    },
    credential: async (id: string) => {
      if (isAway) throw new Error('away')
      return { key: { id }, project: { id: 'proj_a' } } as unknown as Credential
    }
  } as unknown as Directory)
  const credential = await cache.read('one')
  isAway = true
  announce({ everything: true, keyIds: [], projectIds: [] })
  t.equal(await cache.read('one'), credential)
  announce({ everything: false, keyIds: ['one'], projectIds: [] })
  await t.rejects(cache.read('one'), { code: 'auth_unavailable' })
})
