import { rejection } from '../clients/start.ts'
import { onEachStore } from './each-store.ts'

onEachStore('every refusal names its parameter and changes nothing', async (t, start) => {
  const { gateway } = await start()
  const headers = { authorization: `Bearer ${gateway.adminKey}`, 'content-type': 'application/json' }
  const projects = '/projects'
  const project = '/projects/proj_default'
  const amount = { currency: 'USD', interval: 'month' }
  const cases: Array<[path: string, body: unknown, param: string | null, code: string]> = [
    [projects, {}, 'name', 'missing_required_parameter'],
    [projects, { name: '' }, 'name', 'invalid_value'],
    [projects, { name: 7 }, 'name', 'invalid_type'],
    [projects, { name: 'a', budget: 5 }, 'budget', 'invalid_value'],
    [projects, { name: 'a', answers: 'everybody' }, 'answers', 'invalid_value'],
    [projects, [], null, 'invalid_type'],
    [projects, '{"name":', null, 'invalid_json'],
    [projects, '{"name":"a","__proto__":{}}', null, 'invalid_json'],
    [`${project}/service_accounts`, { name: 'a', create_service_account_only: true, expires_in_seconds: 5 }, 'expires_in_seconds', 'invalid_value'],
    [`${project}/service_accounts`, { name: 'a', expires_in_seconds: 0 }, 'expires_in_seconds', 'invalid_value'],
    [`${project}/rate_limits/rl-*`, { max_requests_per_1_minute: -1 }, 'max_requests_per_1_minute', 'invalid_value'],
    [`${project}/rate_limits/rl-*`, { max_requests_per_1_minute: 1.5 }, 'max_requests_per_1_minute', 'invalid_type'],
    [`${project}/rate_limits/rl-*`, { max_images_per_1_minute: 3 }, 'max_images_per_1_minute', 'invalid_value'],
    [`${project}/model_permissions`, { mode: 'some', model_ids: [] }, 'mode', 'invalid_value'],
    [`${project}/model_permissions`, { mode: 'allow_list', model_ids: [3] }, 'model_ids.0', 'invalid_type'],
    [`${project}/spend_limit`, { ...amount, threshold_amount: -5 }, 'threshold_amount', 'invalid_value'],
    [`${project}/spend_limit`, { ...amount, threshold_amount: 5, currency: 'EUR' }, 'currency', 'invalid_value'],
    ['/admin_api_keys', { expires_in_seconds: 5 }, 'name', 'missing_required_parameter']
  ]
  for (const [path, body, param, code] of cases) {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${gateway.operatorUrl}/v1/organization${path}`, { method: 'POST', headers, body: text })
    t.equal(response.status, 400, `${path} ${text}`)
    t.match(await response.json(), { error: { param, code, type: 'invalid_request_error' } })
  }
  const { authorization } = headers
  for (const sent of [{ authorization }, headers]) {
    const response = await fetch(`${gateway.operatorUrl}/v1/organization/projects`, { method: 'POST', headers: sent })
    t.match([response.status, await response.json()], [400, { error: { param: 'name' } }], 'no body at all')
  }
  const list = await fetch(`${gateway.operatorUrl}/v1/organization/projects?limit=101`, { headers })
  t.match([list.status, await list.json()], [400, { error: { param: 'limit' } }])
})

onEachStore('where only some values are allowed, a refusal names them', async (t, start) => {
  const { gateway } = await start()
  const headers = { authorization: `Bearer ${gateway.adminKey}`, 'content-type': 'application/json' }
  const organization = `${gateway.operatorUrl}/v1/organization`
  const answers = await fetch(`${organization}/projects`, { method: 'POST', headers, body: JSON.stringify({ name: 'a', answers: 'everybody' }) })
  t.match(await answers.json(), { error: { param: 'answers', message: '"answers" must be one of "off", "project", "organization".' } })
  const mode = await fetch(`${organization}/projects`, { method: 'POST', headers, body: JSON.stringify({ name: 'a', failure_mode: 'shut' }) })
  t.match(await mode.json(), { error: { param: 'failure_mode', message: '"failure_mode" must be one of "open", "local", "closed".' } })
  const usage = await fetch(`${organization}/usage/completions?start_time=1&bucket_width=2h`, { headers })
  t.match(await usage.json(), { error: { param: 'bucket_width', message: '"bucket_width" must be one of "1m", "1h", "1d".' } })
})

onEachStore('what belongs to a project that is not there, or to another', async (t, start) => {
  const { organization: { projects } } = await start()
  const nobody = 'proj_nobody'
  const deeds = [
    () => projects.serviceAccounts.create(nobody, { name: 'a' }),
    () => projects.serviceAccounts.list(nobody),
    () => projects.apiKeys.list(nobody),
    () => projects.rateLimits.listRateLimits(nobody),
    () => projects.rateLimits.updateRateLimit('rl-*', { project_id: nobody, max_requests_per_1_minute: 5 }),
    () => projects.modelPermissions.retrieve(nobody),
    () => projects.spendLimit.update(nobody, { currency: 'USD', interval: 'month', threshold_amount: 5 }),
    () => projects.spendAlerts.list(nobody),
    () => projects.archive(nobody)
  ]
  for (const deed of deeds) t.match(await rejection(deed()), { status: 404, code: 'not_found' })
})
