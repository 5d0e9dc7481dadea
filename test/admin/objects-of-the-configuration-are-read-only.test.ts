import { digestKey, mintKey } from '../../src/keys/key.ts'
import { all } from '../clients/admin.ts'
import { rejection } from '../clients/start.ts'
import { onEachStore } from './each-store.ts'

const { id: key, token } = mintKey()

/** The pepper is that of every gateway in these tests. */
const yaml = `
organization: { spend_usd_per_month: 1, spend_shadow: true, spend_alerts: { half: { usd: 0.5, webhook: "https://example.com/all" } } }
projects:
  file:
    name: of the file
    limits: { "*": { requests_per_minute: 60, concurrency: 3 } }
    denied_models: ["*mini*"]
    spend_alerts: { half: { usd: 50, webhook: "https://example.com/file" } }
    applications:
      app:
        keys:
          - { id: ${key}, hash: ${digestKey(token, 'a pepper for tests only').toString('hex')}, scopes: [api.all], expires_on: 2100-01-01 }
`

onEachStore('they work, are shown, and a change is refused with the place to make it', async (t, start) => {
  const { organization: { projects, spendLimit, spendAlerts }, as } = await start({ yaml })
  t.ok((await all(as(token).models.list())).length > 0, 'the key of which the file has the hash')
  t.match(await projects.retrieve('proj_file'), { name: 'of the file', source: 'file' })
  t.match(await all(projects.rateLimits.listRateLimits('proj_file')), [{ id: 'rl-*', max_requests_per_1_minute: 60, max_concurrent_requests: 3 }])
  t.match(await projects.modelPermissions.retrieve('proj_file'), { mode: 'deny_list', model_ids: ['*mini*'] })
  t.match(await spendLimit.retrieve(), { threshold_amount: 100, shadow: true, enforcement: { status: 'inactive' } })
  const file = { project_id: 'proj_file' }
  t.match(await projects.apiKeys.retrieve(key, file), { expires_at: 4102444800, scopes: ['api.all'], source: 'file' })
  const [alert] = await all(projects.spendAlerts.list('proj_file'))
  t.match(await projects.spendAlerts.retrieve(alert?.id ?? '', file), { threshold_amount: 5000, notification_channel: { url: 'https://example.com/file' }, signing_secret: /^whsec_/ })
  t.match(await all(spendAlerts.list()), [{ threshold_amount: 50, notification_channel: { url: 'https://example.com/all' } }])
  const account = 'svc_acct_file_app'
  const deeds = [
    () => projects.update('proj_file', { name: 'mine' }),
    () => projects.archive('proj_file'),
    () => projects.rateLimits.updateRateLimit('rl-*', { ...file, max_requests_per_1_minute: 5 }),
    () => projects.modelPermissions.delete('proj_file'),
    () => projects.spendLimit.delete('proj_file'),
    () => projects.spendAlerts.delete(alert?.id ?? '', file),
    () => projects.serviceAccounts.update(account, { ...file, name: 'mine' }),
    () => projects.serviceAccounts.delete(account, file),
    () => projects.apiKeys.update(key, { ...file, scopes: [] }),
    () => projects.apiKeys.delete(key, file),
    () => spendLimit.delete()
  ]
  for (const deed of deeds) t.match(await rejection(deed()), { status: 409, code: 'conflict', message: /configuration/ })

  const more = await projects.serviceAccounts.apiKeys.create(account, { ...file, name: 'more' })
  t.ok((await as(more.value).models.list()).data.length > 0, 'more keys may be made for its applications')
})
