import t from 'tap'
import { until } from '../helpers/until.ts'
import { askWith, createKey, startKeyListener, tester } from './key-listener.ts'

t.test('a key that is revoked while it is in use', async t => {
  const listener = await startKeyListener(t)
  const { token, id } = await createKey(listener.directory)
  t.equal((await askWith(listener, token)).status, 200)
  await listener.directory.keys.revoke(id, tester)
  await until(async () => (await askWith(listener, token)).status === 401)
  t.equal((await askWith(listener, listener.key)).status, 200, 'others go on')
})

t.test('a project that is archived', async t => {
  const listener = await startKeyListener(t)
  const { directory } = listener
  await directory.projects.create({ id: 'proj_team', name: 'team' }, tester)
  await directory.serviceAccounts.create({ id: 'svc_team', projectId: 'proj_team', name: 'app' }, tester)
  const { token } = await createKey(directory, { projectId: 'proj_team', serviceAccountId: 'svc_team' })
  t.equal((await askWith(listener, token)).status, 200)
  await directory.projects.archive('proj_team', tester)
  await until(async () => (await askWith(listener, token)).status === 401)
})
