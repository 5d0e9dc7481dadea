import { test } from 'tap'
import { startAdmin } from './admin.ts'

test('project, key, permissions, limits, and what the month has used', async t => {
  const { organization: { projects }, gateway, as } = await startAdmin(t)
  const made = await projects.create({ name: 'Search' })
  await projects.rateLimits.updateRateLimit('rl-*', { project_id: made.id, max_requests_per_1_day: 10 })
  await projects.rateLimits.updateRateLimit('rl-gpt-4o', { project_id: made.id, max_requests_per_1_minute: 5 })
  await projects.spendLimit.update(made.id, { threshold_amount: 100, currency: 'USD', interval: 'month' })
  await projects.modelPermissions.update(made.id, { mode: 'allow_list', model_ids: ['gpt-4o*'] })
  const { api_key: key } = await projects.serviceAccounts.create(made.id, { name: 'indexer' })
  const other = await projects.serviceAccounts.create(made.id, { name: 'crawler' })
  const messages = [{ role: 'user' as const, content: 'Hello there' }]
  const answer = await as(key?.value ?? '').chat.completions.create({ model: 'gpt-4o', messages })
  await as(other.api_key?.value ?? '').chat.completions.create({ model: 'gpt-4o', messages })

  const me = await (await gateway.fetch('/tollgate/me', { headers: { authorization: `Bearer ${key?.value ?? ''}` } })).json()
  t.match(me, {
    object: 'tollgate.me',
    project: { id: made.id, name: 'Search' },
    service_account: { name: 'indexer' },
    api_key: { id: key?.id, name: 'indexer', expires_at: null, scopes: null },
    models: { mode: 'allow_list', model_ids: ['gpt-4o*'] },
    month: { project: { requests: 2 }, key: { requests: 1, input_tokens: answer.usage?.prompt_tokens, output_tokens: answer.usage?.completion_tokens } }
  })
  const limits = (me as { limits: Array<Record<string, unknown>> }).limits
  t.match(limits.find(({ metric }) => metric === 'requests_per_minute'), { scope: 'project', model: 'gpt-4o', limit: 5, remaining: 3, shadow: false })
  t.match(limits.find(({ metric }) => metric === 'requests_per_day'), { model: '*', limit: 10, remaining: 10 })
  const spend = limits.find(({ metric }) => metric === 'usd_per_month')
  t.equal(spend?.limit, 1)
  const { month } = me as { month: { project: { cost_usd: number } } }
  t.ok(Math.abs(Number(spend?.remaining) - (1 - month.project.cost_usd)) < 1e-9, 'the money left and the money spent make the limit')
  t.notOk(JSON.stringify(me).includes(key?.value ?? '?'))
})
