import { all } from '../clients/admin.ts'
import { rejection } from '../clients/start.ts'
import { onEachStore } from './each-store.ts'

onEachStore('a service account with its key, which works until the account is deleted', async (t, start) => {
  const { organization: { projects }, as } = await start()
  const project = await projects.create({ name: 'Search' })
  const made = await projects.serviceAccounts.create(project.id, { name: 'indexer' })
  t.match(made, { object: 'organization.project.service_account', id: /^svc_acct_/, name: 'indexer', role: 'member', created_at: Number })
  t.match(made.api_key, { object: 'organization.project.service_account.api_key', value: /^sk-tg_/, name: 'indexer', expires_at: null })
  const key = made.api_key?.value ?? ''
  t.ok((await all(as(key).models.list())).length > 0)

  const { id } = await projects.serviceAccounts.update(made.id, { project_id: project.id, name: 'crawler' })
  t.match(await projects.serviceAccounts.retrieve(id, { project_id: project.id }), { id: made.id, name: 'crawler' })
  t.match(await all(projects.serviceAccounts.list(project.id)), [{ id: made.id, name: 'crawler' }])
  t.same(await projects.serviceAccounts.delete(id, { project_id: project.id }), { object: 'organization.project.service_account.deleted', id, deleted: true })
  t.match(await rejection(as(key).models.list()), { status: 401, code: 'invalid_api_key' })
  t.match(await rejection(projects.serviceAccounts.retrieve(id, { project_id: project.id })), { status: 404 })
})

onEachStore('an account alone, and more keys for it', async (t, start) => {
  const { organization: { projects }, as } = await start()
  const project = await projects.create({ name: 'Search' })
  const account = await projects.serviceAccounts.create(project.id, { name: 'indexer', create_service_account_only: true })
  t.match(account, { role: 'none', api_key: null })
  const made = await projects.serviceAccounts.apiKeys.create(account.id, { project_id: project.id, name: 'spare', expires_in_seconds: 3600, scopes: ['api.model.read'] })
  t.match(made, { value: /^sk-tg_/, name: 'spare', expires_at: made.created_at + 3600 })
  t.ok((await all(as(made.value).models.list())).length > 0)

  const shown = await projects.apiKeys.retrieve(made.id, { project_id: project.id })
  t.match(shown, { object: 'organization.project.api_key', id: made.id, name: 'spare', owner_project_access: 'active', last_used_at: Number, scopes: ['api.model.read'] })
  t.match(shown.owner, { type: 'service_account', service_account: { id: account.id, name: 'indexer', role: 'member' } })
  t.match(shown.redacted_value, /^sk-tg_.{4}….{4}$/)
  t.notOk(JSON.stringify(shown).includes(made.value))

  const freed = await projects.apiKeys.update(made.id, { project_id: project.id, scopes: [] })
  t.match(freed, { id: made.id, scopes: [], expires_at: made.expires_at })
  t.same(await projects.apiKeys.delete(made.id, { project_id: project.id }), { object: 'organization.project.api_key.deleted', id: made.id, deleted: true })
  t.match(await rejection(as(made.value).models.list()), { status: 401 })
  t.same(await all(projects.apiKeys.list(project.id)), [])
})

onEachStore('keys are listed page by page, and only for their own project', async (t, start) => {
  const { organization: { projects } } = await start()
  const project = await projects.create({ name: 'Search' })
  const ids: string[] = []
  for (let number = 0; number < 5; number++) ids.unshift((await projects.serviceAccounts.create(project.id, { name: `app ${number}` })).api_key?.id ?? '')
  t.same((await all(projects.apiKeys.list(project.id, { limit: 2 }))).map(({ id }) => id), ids)
  t.same((await all(projects.serviceAccounts.list(project.id, { limit: 2 }))).length, 5)
  t.same(await all(projects.apiKeys.list(project.id, { owner_project_access: 'inactive' })), [])

  const [id = ''] = ids
  for (const ask of [projects.apiKeys.retrieve(id, { project_id: 'proj_default' }), projects.apiKeys.delete(id, { project_id: 'proj_default' }),
    projects.apiKeys.update(id, { project_id: 'proj_default', scopes: [] })]) {
    t.match(await rejection(ask), { status: 404, code: 'not_found' })
  }
})

onEachStore('limits of a key, which OpenAI does not have', async (t, start) => {
  const { organization: { projects }, gateway } = await start()
  const account = await projects.serviceAccounts.create('proj_default', { name: 'app', create_service_account_only: true })
  const limits = { rate_limits: [{ model: '*', max_requests_per_1_minute: 10, max_concurrent_requests: 2 }], spend_limit: { threshold_amount: 500, currency: 'USD', interval: 'month' } }
  const made = await projects.serviceAccounts.apiKeys.create(account.id, { project_id: 'proj_default', name: 'limited', ...limits })
  const shown = await projects.apiKeys.retrieve(made.id, { project_id: 'proj_default' })
  t.match(shown, { rate_limits: [{ model: '*', max_requests_per_1_minute: 10, max_tokens_per_1_minute: 2147483647, max_concurrent_requests: 2, shadow: false }], spend_limit: { threshold_amount: 500 } })
  t.ok(gateway.key)
})

onEachStore('admin keys', async (t, start) => {
  const { organization: { adminAPIKeys }, gateway } = await start()
  const made = await adminAPIKeys.create({ name: 'ci', expires_in_seconds: 60 })
  t.match(made, { object: 'organization.admin_api_key', value: /^sk-tgadmin_/, name: 'ci', expires_at: made.created_at + 60 })
  const asCi = { headers: { authorization: `Bearer ${made.value}` } }
  t.equal((await fetch(`${gateway.operatorUrl}/v1/organization/projects`, asCi)).status, 200)
  t.match(await adminAPIKeys.retrieve(made.id), { id: made.id, last_used_at: Number, redacted_value: /^sk-tgadmin_.{4}….{4}$/ })
  t.same((await all(adminAPIKeys.list({ limit: 1 }))).map(({ name }) => name), ['ci', 'default'])
  t.match(await adminAPIKeys.delete(made.id), { object: 'organization.admin_api_key.deleted', id: made.id, deleted: true })
  t.equal((await fetch(`${gateway.operatorUrl}/v1/organization/projects`, asCi)).status, 401)

  const [given] = (await all(adminAPIKeys.list())).filter(({ name }) => name === 'default')
  t.match(await rejection(adminAPIKeys.delete(given?.id ?? '')), { status: 409, message: /configuration/ }, 'the one that was given to the process stays')
})
