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
