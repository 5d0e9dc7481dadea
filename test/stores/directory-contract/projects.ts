import type { Test } from 'tap'
import { admin, audited, auditTypes, firstPage, keyOf, withProject } from './fixture.ts'
import type { OpenEmpty } from './fixture.ts'

export function projectsContract (t: Test, openEmpty: OpenEmpty): void {
  t.test('a project has defaults for all that is not given', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    const project = await directory.projects.create({ id: 'p1', name: 'Search' }, admin)
    t.same(project, {
      id: 'p1',
      name: 'Search',
      createdAt: 1000,
      archivedAt: null,
      rateLimits: [],
      models: null,
      spendLimit: null,
      spendAlerts: [],
      settings: { failureMode: null, answers: 'project' },
      source: 'api'
    })
    t.same(await directory.projects.get('p1'), project)
    t.equal(await directory.projects.get('p2'), null)
  })

  t.test('creating the same project again returns it and changes nothing', async t => {
    const clock = { now: 1000 }
    const directory = await openEmpty(t, clock)
    const first = await directory.projects.create({ id: 'p1', name: 'Search' }, admin)
    clock.now = 2000
    t.same(await directory.projects.create({ id: 'p1', name: 'Search' }, admin), first)
    t.same(await auditTypes(directory), ['project.created'])
  })

  t.test('creating another project under a taken id is refused', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    await t.rejects(directory.projects.create({ id: 'p1', name: 'Other' }, admin), { name: 'DirectoryError', fault: 'exists' })
  })

  t.test('an update changes what it names, and is audited by what it changed', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    const limit = { model: '*', requestsPerMinute: 60, tokensPerMinute: 9000, requestsPerDay: null, concurrency: 4, shadow: false }
    const updated = await directory.projects.update('p1', () => ({
      name: 'Find',
      rateLimits: [limit],
      spendLimit: { amountNanoUsd: 5_000_000_000, shadow: false }
    }), admin)
    t.match(updated, { id: 'p1', name: 'Find', rateLimits: [limit], spendLimit: { amountNanoUsd: 5_000_000_000 } })
    t.same(await directory.projects.get('p1'), updated)
    const changes = (await audited(directory)).slice(2).map(({ type, before, after }) => [type, before, after])
    t.same(changes.sort(), [
      ['project.updated', { name: 'Search' }, { name: 'Find' }],
      ['rate_limit.updated', { rateLimits: [] }, { rateLimits: [limit] }],
      ['spend_limit.updated', { spendLimit: null }, { spendLimit: { amountNanoUsd: 5_000_000_000, shadow: false } }]
    ])
  })

  t.test('an update to what is there already is not audited', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    await directory.projects.update('p1', () => ({ name: 'Search', rateLimits: [] }), admin)
    t.same(await auditTypes(directory), ['project.created', 'service_account.created'])
  })

  t.test('updates at the same time are all kept', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    await Promise.all(Array.from({ length: 20 }, (_, index) => directory.projects.update('p1', now => ({
      models: { mode: 'allow_list', modelIds: [...now.models?.modelIds ?? [], `model-${index}`] }
    }), admin)))
    t.equal((await directory.projects.get('p1'))?.models?.modelIds.length, 20)
  })

  t.test('an archived project stays readable, leaves the list, and takes neither changes nor members', async t => {
    const clock = { now: 1000 }
    const directory = await withProject(await openEmpty(t, clock))
    clock.now = 2000
    t.match(await directory.projects.archive('p1', admin), { archivedAt: 2000 })
    clock.now = 3000
    t.match(await directory.projects.archive('p1', admin), { archivedAt: 2000 }, 'archiving twice is archiving once')
    t.match(await directory.projects.get('p1'), { archivedAt: 2000 })
    t.same((await directory.projects.list({ ...firstPage, includeArchived: false })).data, [])
    t.equal((await directory.projects.list({ ...firstPage, includeArchived: true })).data.length, 1)
    const retired = { name: 'DirectoryError', fault: 'retired' }
    await t.rejects(directory.projects.update('p1', () => ({ name: 'x' }), admin), retired)
    await t.rejects(directory.serviceAccounts.create({ id: 'a2', projectId: 'p1', name: 'x' }, admin), retired)
    await t.rejects(directory.keys.create(keyOf('p1', 'a1'), admin), retired)
  })

  t.test('a project that is not there can be neither changed nor archived', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    const notFound = { name: 'DirectoryError', fault: 'not_found' }
    await t.rejects(directory.projects.update('p9', () => ({ name: 'x' }), admin), notFound)
    await t.rejects(directory.projects.archive('p9', admin), notFound)
  })

  t.test('pages follow each other in order of creation, either way', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    for (const id of ['c', 'a', 'e', 'b', 'd']) await directory.projects.create({ id, name: id }, admin)
    const page = async (order: 'asc' | 'desc', limit: number, after?: string) => {
      const { data, hasMore } = await directory.projects.list({ order, limit, after, includeArchived: false })
      return [data.map(({ id }) => id).join(''), hasMore]
    }
    t.same(await page('asc', 2), ['ca', true])
    t.same(await page('asc', 2, 'a'), ['eb', true])
    t.same(await page('asc', 2, 'b'), ['d', false])
    t.same(await page('asc', 2, 'd'), ['', false])
    t.same(await page('desc', 3), ['dbe', true])
    t.same(await page('desc', 3, 'e'), ['ac', false])
    t.same(await page('asc', 5), ['caebd', false])
    await directory.projects.archive('e', admin)
    t.same(await page('asc', 2, 'e'), ['bd', false], 'a cursor that has left the list keeps its place')
    await t.rejects(page('asc', 2, 'nothing'), { name: 'DirectoryError', fault: 'unknown_cursor' })
  })

  t.test('a project holds a bounded number of rules', async t => {
    const directory = await withProject(await openEmpty(t, { now: 1000 }))
    const modelIds = Array.from({ length: 1001 }, (_, index) => `model-${index}`)
    await t.rejects(directory.projects.update('p1', () => ({ models: { mode: 'deny_list', modelIds } }), admin), { name: 'DirectoryError', fault: 'too_many' })
    t.equal((await directory.projects.get('p1'))?.models, null)
  })

  t.test('the organization has limits of its own', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    t.same(await directory.organization.get(), { id: 'organization', spendLimit: null, spendAlerts: [], source: 'api' })
    const updated = await directory.organization.update(() => ({ spendLimit: { amountNanoUsd: 7, shadow: true } }), admin)
    t.same(updated.spendLimit, { amountNanoUsd: 7, shadow: true })
    t.same(await directory.organization.get(), updated)
    await directory.organization.update(() => ({ spendLimit: null }), admin)
    t.same((await audited(directory)).map(({ type, before }) => [type, before]), [
      ['spend_limit.updated', { spendLimit: null }],
      ['spend_limit.updated', { spendLimit: { amountNanoUsd: 7, shadow: true } }]
    ])
  })
}
