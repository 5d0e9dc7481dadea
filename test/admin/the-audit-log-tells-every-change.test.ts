import { all } from '../clients/admin.ts'
import { rejection } from '../clients/start.ts'
import { onEachStore } from './each-store.ts'

onEachStore('every change is there, newest first, with who made it', async (t, start) => {
  const { organization: { auditLogs, projects, adminAPIKeys } } = await start()
  const project = await projects.create({ name: 'Search' })
  await projects.rateLimits.updateRateLimit('rl-gpt-4o', { project_id: project.id, max_requests_per_1_minute: 7 })
  await projects.update(project.id, { name: 'Ads' })
  await projects.archive(project.id)
  const entries = await all(auditLogs.list({ project_ids: [project.id], limit: 2 }))
  t.same(entries.map(({ type }) => type), ['project.archived', 'project.updated', 'rate_limit.updated', 'project.created'])
  const [admin] = await all(adminAPIKeys.list())
  for (const entry of entries) {
    t.match(entry, { id: String, effective_at: Number, actor: { type: 'api_key', api_key: { id: admin?.id } }, project: { id: project.id } })
    t.match(entry, { changed_by: { type: 'admin_key', id: admin?.id, address: '127.0.0.1' } })
  }
  t.match(entries[3], { 'project.created': { id: project.id, data: { name: 'Search' } } })
  t.match(entries[1], { 'project.updated': { id: project.id, changes_requested: { name: 'Ads' } }, previous: { name: 'Search' } })
  t.match(entries[2], { 'rate_limit.updated': { changes_requested: { rate_limits: [{ model: 'gpt-4o', requests_per_minute: 7 }] } } })
})

onEachStore('filters', async (t, start) => {
  const { organization: { auditLogs, projects } } = await start()
  const project = await projects.create({ name: 'Search' })
  const [created] = await all(auditLogs.list({ event_types: ['project.created'], resource_ids: [project.id] }))
  t.match(created, { type: 'project.created', 'project.created': { id: project.id } })
  const at = created?.effective_at ?? 0
  const found = async (range: object) => (await all(auditLogs.list({ resource_ids: [project.id], effective_at: range }))).length
  t.same([await found({ gte: at, lte: at }), await found({ gt: at }), await found({ lt: at })], [1, 0, 0])
  t.same(await all(auditLogs.list({ actor_ids: ['nobody'] })), [])
  t.match((await all(auditLogs.list({ event_types: ['project.created'] }))).at(-1), { actor: null, changed_by: { type: 'system' } }, 'the first start has no key')
  t.match(await rejection(auditLogs.list({ actor_emails: ['a@example.com'] })), { status: 400, param: 'actor_emails' })
})
