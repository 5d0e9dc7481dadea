import { rejection } from '../clients/start.ts'
import { onEachStore } from './each-store.ts'

const hello = [{ role: 'user' as const, content: 'Hello there' }]
const now = () => Math.floor(Date.now() / 1000)

onEachStore('what was asked is there, by project, key and model', async (t, start) => {
  const { organization: { usage, projects }, gateway, as } = await start()
  const project = await projects.create({ name: 'Search' })
  const { api_key: key } = await projects.serviceAccounts.create(project.id, { name: 'indexer' })
  const answers = [
    await as(gateway.key).chat.completions.create({ model: 'gpt-4o', messages: hello }),
    await as(key?.value ?? '').chat.completions.create({ model: 'gpt-4o', messages: hello }),
    await as(key?.value ?? '').chat.completions.create({ model: 'gpt-4o-mini', messages: hello })
  ]
  const embedding = await as(gateway.key).embeddings.create({ model: 'text-embedding-3-small', input: 'one' })
  const since = now() - 3600

  const total = await usage.completions({ start_time: since, bucket_width: '1d' })
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

  const grouped = await usage.completions({ start_time: since, group_by: ['project_id', 'api_key_id', 'model'], project_ids: [project.id] })
  t.match(grouped.data.flatMap(bucket => bucket.results).sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1).map(result => ({ ...result })), [
    { project_id: project.id, api_key_id: key?.id, model: 'gpt-4o', num_model_requests: 1 },
    { project_id: project.id, api_key_id: key?.id, model: 'gpt-4o-mini', num_model_requests: 1 }
  ])
  t.match((await usage.embeddings({ start_time: since })).data.flatMap(bucket => bucket.results), [
    { object: 'organization.usage.embeddings.result', num_model_requests: 1, input_tokens: embedding.usage.prompt_tokens }
  ])

  const costs = await usage.costs({ start_time: since, group_by: ['line_item', 'project_id'] })
  const items = costs.data.flatMap(bucket => bucket.results)
  t.equal(items.length, 4)
  for (const item of items) t.match(item, { object: 'organization.costs.result', amount: { currency: 'usd', value: Number }, line_item: String, project_id: /^proj_/ })
  const one = (await usage.costs({ start_time: since, line_items: ['gpt-4o-mini'] })).data.flatMap(bucket => bucket.results)
  t.equal(one.length, 1)
})

onEachStore('pages of buckets', async (t, start) => {
  const { organization: { usage } } = await start()
  const since = now() - 10 * 3600
  const starts: number[] = []
  let page: string | null = null
  do {
    const answer = await usage.completions({ start_time: since, end_time: since + 10 * 3600, bucket_width: '1h', limit: 4, ...(page === null ? {} : { page }) })
    t.ok(answer.data.length <= 4)
    t.equal(answer.has_more, answer.next_page !== null)
    for (const bucket of answer.data) {
      t.match(bucket, { object: 'bucket', end_time: bucket.start_time + 3600, results: [] })
      starts.push(bucket.start_time)
    }
    page = answer.next_page
  } while (page !== null)
  const first = Math.floor(since / 3600) * 3600
  t.same(starts, Array.from({ length: starts.length }, (_, index) => first + index * 3600), 'every hour once, in order')
  t.ok((starts.at(-1) ?? 0) + 3600 >= since + 10 * 3600)
})

onEachStore('pages of days of money, and of embeddings', async (t, start) => {
  const { organization: { usage }, gateway, as } = await start()
  await as(gateway.key).embeddings.create({ model: 'text-embedding-3-small', input: 'one' })
  const range = { start_time: now() - 3 * 86_400, limit: 2 }
  for (const read of [usage.costs.bind(usage), usage.embeddings.bind(usage)]) {
    const first = await read(range)
    t.match(first, { has_more: true, next_page: String })
    const last = await read({ ...range, page: first.next_page ?? '' })
    t.match(last, { has_more: false, next_page: null })
    const buckets = [...first.data, ...last.data]
    t.equal(new Set(buckets.map(bucket => bucket.start_time)).size, 4, 'three days and this one, each once')
    t.same(buckets.map(({ results }) => results.length), [0, 0, 0, 1])
  }
})

onEachStore('queries that cannot be', async (t, start) => {
  const { organization: { usage }, gateway } = await start()
  const since = now() - 100
  t.match(await rejection(usage.completions({ start_time: since, limit: 32 })), { status: 400, param: 'limit' })
  t.match(await rejection(usage.completions({ start_time: since, end_time: since })), { status: 400, param: 'end_time' })
  t.match(await rejection(usage.completions({ start_time: since, page: 'nonsense' })), { status: 400, param: 'page' })
  t.match(await rejection(usage.completions({ start_time: since, user_ids: ['me'] })), { status: 400, param: 'user_ids' })
  t.match(await rejection(usage.completions({ start_time: since, group_by: ['batch'] })), { status: 400, param: /group_by/ })
  const headers = { authorization: `Bearer ${gateway.adminKey}` }
  const ask = async (query: string) => await fetch(`${gateway.operatorUrl}/v1/organization/usage/completions?${query}`, { headers })
  t.match(await (await ask('limit=3')).json(), { error: { param: 'start_time', code: 'missing_required_parameter' } })
  for (const list of ['group_by[]=model&group_by[]=project_id', 'group_by=model&group_by=project_id', 'group_by=model,project_id']) {
    t.equal((await ask(`start_time=${since}&${list}`)).status, 200, list)
  }
})
