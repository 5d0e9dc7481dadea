import { join } from 'node:path'
import { test } from 'tap'
import { digestKey, mintKey } from '../../src/keys/key.ts'
import { openDirectory } from '../../src/stores/open.ts'
import { startAdmin } from './admin.ts'
import { rejection } from './start.ts'

const configuration = { type: 'configuration', id: 'tollgate.yaml', address: null } as const

test('they are shown, and a change is refused with the place to make it', async t => {
  const data = t.testdir()
  const { organization: { projects, spendLimit }, as } = await startAdmin(t, { env: { TOLLGATE_DATA_DIR: data } })
  const directory = await openDirectory(`sqlite:${join(data, 'tollgate.db')}`)
  t.teardown(async () => { await directory.close() })
  const { id: key, token } = mintKey()
  await directory.declared.apply({
    organization: { spendLimit: { amountNanoUsd: 1e9, shadow: true } },
    projects: [{ id: 'proj_file', name: 'of the file' }],
    serviceAccounts: [{ id: 'svc_file', projectId: 'proj_file', name: 'app' }],
    keys: [{ id: key, digest: digestKey(token, 'a pepper for tests only'), projectId: 'proj_file', serviceAccountId: 'svc_file', name: 'app', redacted: '…' }]
  }, configuration)

  t.match(await projects.retrieve('proj_file'), { name: 'of the file', source: 'file' })
  t.match(await spendLimit.retrieve(), { threshold_amount: 100, shadow: true, enforcement: { status: 'inactive' } })
  const file = { project_id: 'proj_file' }
  const deeds = [
    () => projects.update('proj_file', { name: 'mine' }),
    () => projects.archive('proj_file'),
    () => projects.rateLimits.updateRateLimit('rl-*', { ...file, max_requests_per_1_minute: 5 }),
    () => projects.modelPermissions.delete('proj_file'),
    () => projects.spendLimit.delete('proj_file'),
    () => projects.serviceAccounts.update('svc_file', { ...file, name: 'mine' }),
    () => projects.serviceAccounts.delete('svc_file', file),
    () => projects.apiKeys.update(key, { ...file, scopes: [] }),
    () => projects.apiKeys.delete(key, file),
    () => spendLimit.delete()
  ]
  for (const deed of deeds) t.match(await rejection(deed()), { status: 409, code: 'conflict', message: /configuration/ })

  const more = await projects.serviceAccounts.apiKeys.create('svc_file', { ...file, name: 'more' })
  t.ok((await as(more.value).models.list()).data.length > 0, 'more keys may be made for its applications')
})
