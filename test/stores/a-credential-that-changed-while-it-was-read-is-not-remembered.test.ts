import t from 'tap'
import { CredentialCache } from '../../src/stores/credential-cache.ts'
import type { Credential, Directory, DirectoryChange } from '../../src/stores/directory.ts'

t.test('neither by whoever asks after the change, nor for those who come later', async t => {
  let announce: (change: DirectoryChange) => void = () => {}
  const answers: Array<PromiseWithResolvers<Credential>> = []
  const cache = new CredentialCache({
    subscribe: (listener: typeof announce) => {
      announce = listener
      return () => {}
    },
    credential: () => {
      const answer = Promise.withResolvers<Credential>()
      answers.push(answer)
      return answer.promise
    }
  } as unknown as Directory)
  const credential = (revokedAt: number | null): Credential => ({ key: { id: 'one', revokedAt }, project: { id: 'proj_a' } }) as unknown as Credential

  const before = cache.read('one')
  announce({ everything: false, keyIds: ['one'], projectIds: [] })
  const after = cache.read('one')
  t.equal(answers.length, 2, 'asked anew')
  answers[1]?.resolve(credential(1))
  t.match(await after, { key: { revokedAt: 1 } })
  answers[0]?.resolve(credential(null))
  await before
  t.match(await cache.read('one'), { key: { revokedAt: 1 } }, 'what came later is older')
  t.equal(answers.length, 2)

  const late = cache.read('two')
  answers[2]?.resolve({ ...credential(null), key: { id: 'two' } } as unknown as Credential)
  await late
  // Old enough to be asked for again, and young enough to be believed in an outage.
  announce({ everything: true, keyIds: [], projectIds: [] })
  const failing = cache.read('two')
  announce({ everything: false, keyIds: ['two'], projectIds: [] })
  answers[3]?.reject(new Error('away'))
  await t.rejects(failing, { code: 'auth_unavailable' }, 'nor believed when the store is away by then')
})
