import t from 'tap'
import { all, startAdmin } from '../clients/admin.ts'
import type { AdminSetting } from '../clients/admin.ts'
import type { SpendAlertCreateParams } from '../clients/admin-types.ts'
import { listenersOf } from '../helpers/routes.ts'

/** OpenAI has no way to take a rate limit away. */
const own = ['DELETE /v1/organization/projects/:project/rate_limits/*']

const month = { currency: 'USD', interval: 'month', threshold_amount: 1000 } as const
const alert = { ...month, notification_channel: { type: 'webhook', url: 'https://example.com/hook' } } as unknown as SpendAlertCreateParams

t.test('by its admin client alone', async t => {
  const { result: { organization }, listeners } = await listenersOf(async () => await startAdmin(t))
  await useAll(organization)
  const operator = listeners.find(({ routes }) => routes.some(({ url }) => url.startsWith('/v1/organization')))
  const endpoints = operator?.routes.filter(({ url }) => url.startsWith('/v1/organization')).map(({ method, url }) => `${method} ${url}`) ?? []
  t.ok(endpoints.length > 40)
  t.same(endpoints.filter(endpoint => !operator?.reached.has(endpoint)), own)
})

async function useAll ({ projects, adminAPIKeys, auditLogs, spendAlerts, spendLimit, usage }: AdminSetting['organization']): Promise<void> {
  const { id: project } = await projects.create({ name: 'Search' })
  await useProject(projects, project)
  await useAccounts(projects, project)

  await spendLimit.update(month)
  await spendLimit.retrieve()
  await spendLimit.delete()
  const { id: alertId } = await spendAlerts.create(alert)
  await all(spendAlerts.list())
  await spendAlerts.retrieve(alertId)
  await spendAlerts.update(alertId, alert)
  await spendAlerts.delete(alertId)

  const { id: adminKey } = await adminAPIKeys.create({ name: 'ci' })
  await all(adminAPIKeys.list())
  await adminAPIKeys.retrieve(adminKey)
  await adminAPIKeys.delete(adminKey)
  await all(auditLogs.list())

  const since = { start_time: Math.floor(Date.now() / 1000) - 60 }
  for (const read of [usage.completions, usage.embeddings, usage.costs]) await read.call(usage, since)
  await projects.archive(project)
}

async function useProject (projects: AdminSetting['organization']['projects'], id: string): Promise<void> {
  const ofProject = { project_id: id }
  await all(projects.list())
  await projects.retrieve(id)
  await projects.update(id, { name: 'Ads' })
  await all(projects.rateLimits.listRateLimits(id))
  await projects.rateLimits.updateRateLimit('rl-*', { ...ofProject, max_requests_per_1_minute: 5 })
  await projects.modelPermissions.update(id, { mode: 'allow_list', model_ids: ['*'] })
  await projects.modelPermissions.retrieve(id)
  await projects.modelPermissions.delete(id)
  await projects.spendLimit.update(id, month)
  await projects.spendLimit.retrieve(id)
  await projects.spendLimit.delete(id)
  const { id: alertId } = await projects.spendAlerts.create(id, alert)
  await all(projects.spendAlerts.list(id))
  await projects.spendAlerts.retrieve(alertId, ofProject)
  await projects.spendAlerts.update(alertId, { ...ofProject, ...alert })
  await projects.spendAlerts.delete(alertId, ofProject)
}

async function useAccounts ({ serviceAccounts, apiKeys }: AdminSetting['organization']['projects'], id: string): Promise<void> {
  const ofProject = { project_id: id }
  const { id: account } = await serviceAccounts.create(id, { name: 'app' })
  await all(serviceAccounts.list(id))
  await serviceAccounts.retrieve(account, ofProject)
  await serviceAccounts.update(account, { ...ofProject, name: 'job' })
  const { id: key } = await serviceAccounts.apiKeys.create(account, { ...ofProject, expires_in_seconds: 60 })
  await all(apiKeys.list(id))
  await apiKeys.retrieve(key, ofProject)
  await apiKeys.update(key, { ...ofProject, scopes: [] })
  await apiKeys.delete(key, ofProject)
  await serviceAccounts.delete(account, ofProject)
}
