import { all } from '../clients/admin.ts'
import type { SpendAlertCreateParams } from '../clients/admin-types.ts'
import { rejection } from '../clients/start.ts'
import { onEachStore } from './each-store.ts'

const project = 'proj_default'
const unlimited = 2147483647

onEachStore('rate limits, one a model', async (t, start) => {
  const { organization: { projects: { rateLimits } } } = await start()
  t.match(await all(rateLimits.listRateLimits(project)), [
    { object: 'project.rate_limit', id: 'rl-*', model: '*', max_requests_per_1_minute: unlimited, max_tokens_per_1_minute: unlimited, max_concurrent_requests: null }
  ], 'the limits of all models are there to be set')

  const set = await rateLimits.updateRateLimit('rl-openai/gpt-4o', { project_id: project, max_requests_per_1_minute: 60, max_requests_per_1_day: 1000 })
  t.match(set, { id: 'rl-openai/gpt-4o', model: 'openai/gpt-4o', max_requests_per_1_minute: 60, max_tokens_per_1_minute: unlimited, max_requests_per_1_day: 1000 })
  t.match(await rateLimits.updateRateLimit(set.id, { project_id: project, max_tokens_per_1_minute: 5000, ...{ max_concurrent_requests: 3, shadow: true } }), {
    id: set.id, max_requests_per_1_minute: 60, max_tokens_per_1_minute: 5000, max_concurrent_requests: 3, shadow: true
  }, 'what is not said stays')
  const written = await rateLimits.updateRateLimit(set.id, { project_id: project, max_requests_per_1_minute: unlimited })
  t.equal(written.max_requests_per_1_minute, unlimited)

  await rateLimits.updateRateLimit('rl-*', { project_id: project, max_requests_per_1_minute: 100 })
  for (const model of ['a', 'b', 'c']) await rateLimits.updateRateLimit(`rl-${model}`, { project_id: project, max_requests_per_1_minute: 1 })
  const ids = ['rl-*', 'rl-a', 'rl-b', 'rl-c', 'rl-openai/gpt-4o']
  t.same((await all(rateLimits.listRateLimits(project, { limit: 2 }))).map(({ id }) => id), ids)
  t.same((await rateLimits.listRateLimits(project, { limit: 2, before: 'rl-c' })).data.map(({ id }) => id), ['rl-a', 'rl-b'])
  t.match(await rejection(rateLimits.updateRateLimit('rl-a', { project_id: project, max_images_per_1_minute: 3 })), { status: 400, param: 'max_images_per_1_minute' })
  t.match(await rejection(rateLimits.updateRateLimit('gpt-4o', { project_id: project, max_requests_per_1_minute: 3 })), { status: 404 })
})

onEachStore('model permissions', async (t, start) => {
  const { organization: { projects: { modelPermissions } } } = await start()
  t.same(await modelPermissions.retrieve(project), { object: 'project.model_permissions', mode: 'deny_list', model_ids: [] })
  const allowed = { object: 'project.model_permissions', mode: 'allow_list', model_ids: ['openai/*', 'gpt-4o'] }
  t.same(await modelPermissions.update(project, { mode: 'allow_list', model_ids: ['openai/*', 'gpt-4o', 'gpt-4o'] }), allowed)
  t.same(await modelPermissions.retrieve(project), allowed)
  t.same(await modelPermissions.delete(project), { object: 'project.model_permissions.deleted', deleted: true })
  t.match(await modelPermissions.retrieve(project), { model_ids: [] })
})

onEachStore('spend limits of a project and of the organization', async (t, start) => {
  const { organization } = await start()
  const limit = { threshold_amount: 12_345, currency: 'USD', interval: 'month' } as const
  const shown = { ...limit, shadow: false, enforcement: { status: 'enforcing' } }
  const { spendLimit } = organization.projects
  t.match(await rejection(spendLimit.retrieve(project)), { status: 404 })
  t.same(await spendLimit.update(project, limit), { object: 'project.spend_limit', ...shown })
  t.same(await spendLimit.retrieve(project), { object: 'project.spend_limit', ...shown })
  t.same(await spendLimit.delete(project), { object: 'project.spend_limit.deleted', deleted: true })

  t.match(await rejection(organization.spendLimit.retrieve()), { status: 404 })
  t.same(await organization.spendLimit.update(limit), { object: 'organization.spend_limit', ...shown })
  t.same(await organization.spendLimit.retrieve(), { object: 'organization.spend_limit', ...shown })
  t.same(await organization.spendLimit.delete(), { object: 'organization.spend_limit.deleted', deleted: true })
})

const webhook = { threshold_amount: 1000, currency: 'USD', interval: 'month', notification_channel: { type: 'webhook', url: 'https://example.com/hook' } }
/** The SDK's type knows mail only. */
const alertTo = (body: object) => body as SpendAlertCreateParams

onEachStore('spend alerts of a project', async (t, start) => {
  const { organization: { projects: { spendAlerts } } } = await start()
  const made = await spendAlerts.create(project, alertTo(webhook))
  t.match(made, { object: 'project.spend_alert', id: /^alert_/, ...webhook, signing_secret: /^whsec_/ })
  t.same(await spendAlerts.retrieve(made.id, { project_id: project }), made)
  const changed = await spendAlerts.update(made.id, { project_id: project, ...alertTo({ ...webhook, threshold_amount: 2000 }) })
  t.same(changed, { ...made, threshold_amount: 2000 })
  const ids = [made.id]
  for (let number = 0; number < 4; number++) ids.push((await spendAlerts.create(project, alertTo(webhook))).id)
  t.same((await all(spendAlerts.list(project, { limit: 2 }))).map(({ id }) => id), ids)
  t.same((await all(spendAlerts.list(project, { limit: 2, order: 'desc' }))).map(({ id }) => id), ids.reverse())
  t.same(await spendAlerts.delete(made.id, { project_id: project }), { object: 'project.spend_alert.deleted', id: made.id, deleted: true })
  t.match(await rejection(spendAlerts.delete(made.id, { project_id: project })), { status: 404 })
})

onEachStore('spend alerts of the organization', async (t, start) => {
  const { organization: { spendAlerts } } = await start()
  const made = await spendAlerts.create(alertTo(webhook))
  t.match(made, { object: 'organization.spend_alert', id: /^alert_/ })
  const other = await spendAlerts.create(alertTo(webhook))
  t.same(await all(spendAlerts.list({ limit: 1 })), [made, other], 'page by page')
  await spendAlerts.delete(other.id)
  t.same(await spendAlerts.retrieve(made.id), made)
  t.match(await spendAlerts.update(made.id, alertTo({ ...webhook, threshold_amount: 7 })), { threshold_amount: 7 })
  t.same(await spendAlerts.delete(made.id), { object: 'organization.spend_alert.deleted', id: made.id, deleted: true })
  t.same(await all(spendAlerts.list()), [])
})

onEachStore('an alert by mail is refused with the way to do it', async (t, start) => {
  const { organization: { spendAlerts } } = await start()
  const mail: SpendAlertCreateParams = { threshold_amount: 1000, currency: 'USD', interval: 'month', notification_channel: { type: 'email', recipients: ['a@example.com'] } }
  t.match(await rejection(spendAlerts.create(mail)), { status: 400, param: 'notification_channel.type', message: /webhook/ })
  t.match(await rejection(spendAlerts.create(alertTo({ ...webhook, notification_channel: { type: 'webhook', url: 'ftp://x' } }))), { status: 400, param: 'notification_channel.url' })
})
