import { test } from 'tap'
import { startAdmin } from './admin.ts'
import { rejection } from './start.ts'

const hello = [{ role: 'user' as const, content: 'Hello there' }]
const now = () => Math.floor(Date.now() / 1000)

test('what was asked is there, by project, key and model', async t => {
  const { organization: { usage, projects }, gateway, as } = await startAdmin(t)
  const project = await projects.create({ name: 'Search' })
  const { api_key: key } = await projects.serviceAccounts.create(project.id, { name: 'indexer' })
  const answers = [
    await as(gateway.key).chat.completions.create({ model: 'gpt-4o', messages: hello }),
    await as(key?.value ?? '').chat.completions.create({ model: 'gpt-4o', messages: hello }),
    await as(key?.value ?? '').chat.completions.create({ model: 'gpt-4o-mini', messages: hello })
  ]
  const embedding = await as(gateway.key).embeddings.create({ model: 'text-embedding-3-small', input: 'one' })
  const start = now() - 3600

  const total = await usage.completions({ start_time: start, bucket_width: '1d' })
  t.match(total, { object: 'page', has_more: false, next_page: null })
  const results = total.data.flatMap(bucket => bucket.results)
  t.match(results, [{
    object: 'organization.usage.completions.result',
    num_model_requests: 3,
    input_tokens: answers.reduce((sum, { usage }) => sum + (usage?.prompt_tokens ?? 0), 0),
    output_tokens: answers.reduce((sum, { usage }) => sum + (usage?.completion_tokens ?? 0), 0),
    project_id: null,
    api_key_id: null,
    model: null
  }], 'what is not grouped by is null')

  const grouped = await usage.completions({ start_time: start, group_by: ['project_id', 'api_key_id', 'model'], project_ids: [project.id] })
  t.match(grouped.data.flatMap(bucket => bucket.results).sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1).map(result => ({ ...result })), [
    { project_id: project.id, api_key_id: key?.id, model: 'gpt-4o', num_model_requests: 1 },
    { project_id: project.id, api_key_id: key?.id, model: 'gpt-4o-mini', num_model_requests: 1 }
  ])
  t.match((await usage.embeddings({ start_time: start })).data.flatMap(bucket => bucket.results), [
    { object: 'organization.usage.embeddings.result', num_model_requests: 1, input_tokens: embedding.usage.prompt_tokens }
  ])

  const costs = await usage.costs({ start_time: start, group_by: ['line_item', 'project_id'] })
  const items = costs.data.flatMap(bucket => bucket.results)
  t.equal(items.length, 4)
  for (const item of items) t.match(item, { object: 'organization.costs.result', amount: { currency: 'usd', value: Number }, line_item: String, project_id: /^proj_/ })
  const one = (await usage.costs({ start_time: start, line_items: ['gpt-4o-mini'] })).data.flatMap(bucket => bucket.results)
  t.equal(one.length, 1)
})

test('pages of buckets', async t => {
  const { organization: { usage } } = await startAdmin(t)
  const start = now() - 10 * 3600
  const starts: number[] = []
  let page: string | null = null
  do {
    const answer = await usage.completions({ start_time: start, end_time: start + 10 * 3600, bucket_width: '1h', limit: 4, ...(page === null ? {} : { page }) })
    t.ok(answer.data.length <= 4)
    t.equal(answer.has_more, answer.next_page !== null)
    for (const bucket of answer.data) {
      t.match(bucket, { object: 'bucket', end_time: bucket.start_time + 3600, results: [] })
      starts.push(bucket.start_time)
    }
    page = answer.next_page
  } while (page !== null)
  const first = Math.floor(start / 3600) * 3600
  t.same(starts, Array.from({ length: starts.length }, (_, index) => first + index * 3600), 'every hour once, in order')
  t.ok((starts.at(-1) ?? 0) + 3600 >= start + 10 * 3600)
})

test('queries that cannot be', async t => {
  const { organization: { usage }, gateway } = await startAdmin(t)
  const start = now() - 100
  t.match(await rejection(usage.completions({ start_time: start, limit: 32 })), { status: 400, param: 'limit' })
  t.match(await rejection(usage.completions({ start_time: start, end_time: start })), { status: 400, param: 'end_time' })
  t.match(await rejection(usage.completions({ start_time: start, page: 'nonsense' })), { status: 400, param: 'page' })
  t.match(await rejection(usage.completions({ start_time: start, user_ids: ['me'] })), { status: 400, param: 'user_ids' })
  t.match(await rejection(usage.completions({ start_time: start, group_by: ['batch'] })), { status: 400, param: /group_by/ })
  const headers = { authorization: `Bearer ${gateway.adminKey}` }
  const ask = async (query: string) => await fetch(`${gateway.operatorUrl}/v1/organization/usage/completions?${query}`, { headers })
  t.match(await (await ask('limit=3')).json(), { error: { param: 'start_time', code: 'missing_required_parameter' } })
  for (const list of ['group_by[]=model&group_by[]=project_id', 'group_by=model&group_by=project_id', 'group_by=model,project_id']) {
    t.equal((await ask(`start_time=${start}&${list}`)).status, 200, list)
  }
})
