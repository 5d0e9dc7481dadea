import { all } from '../clients/admin.ts'
import { rejection } from '../clients/start.ts'
import { onEachStore } from './each-store.ts'

onEachStore('a project from its making to its end', async (t, start) => {
  const { organization: { projects } } = await start()
  const made = await projects.create({ name: 'Search' })
  t.match(made, { object: 'organization.project', id: /^proj_/, name: 'Search', status: 'active', archived_at: null, created_at: Number, answers: 'project', failure_mode: null })
  t.same(await projects.retrieve(made.id), made)

  const renamed = await projects.update(made.id, { name: 'Search and ads' })
  t.same(renamed, { ...made, name: 'Search and ads' })

  const archived = await projects.archive(made.id)
  t.match(archived, { id: made.id, status: 'archived', archived_at: Number })
  t.same((await all(projects.list())).map(({ id }) => id), ['proj_default'])
  t.same((await all(projects.list({ include_archived: true }))).map(({ id }) => id), [made.id, 'proj_default'])
  t.match(await rejection(projects.update(made.id, { name: 'again' })), { status: 409, code: 'conflict' })
  t.match(await rejection(projects.retrieve('proj_nobody')), { status: 404, code: 'not_found' })
})

onEachStore('lists are read page by page', async (t, start) => {
  const { organization: { projects } } = await start()
  const ids = ['proj_default']
  for (let number = 0; number < 7; number++) ids.unshift((await projects.create({ name: `team ${number}` })).id)
  t.same((await all(projects.list({ limit: 3 }))).map(({ id }) => id), ids, 'newest first, each once')
  const page = await projects.list({ limit: 3 })
  t.match(page, { last_id: ids[2], has_more: true })
  t.match(await rejection(projects.list({ after: 'proj_nobody' })), { status: 400, param: 'after' })
})

onEachStore('what the file and the API call by another name', async (t, start) => {
  const { organization: { projects } } = await start()
  const made = await projects.create({ name: 'careful', ...{ failure_mode: 'closed', answers: 'off' } })
  t.match(made, { failure_mode: 'closed', answers: 'off' })
  t.match(await projects.update(made.id, { name: 'careful', ...{ answers: 'organization' } }), { name: 'careful', failure_mode: 'closed', answers: 'organization' })
})
