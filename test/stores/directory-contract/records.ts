import type { Test } from 'tap'
import type { DirectoryChange } from '../../../src/stores/directory.ts'
import { admin, audited, firstPage, keyOf, seedOf, withProject } from './fixture.ts'
import type { OpenEmpty } from './fixture.ts'

export function recordsContract (t: Test, openEmpty: OpenEmpty): void {
  t.test('an audit entry says who changed what, when and from where', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    await directory.projects.create({ id: 'p1', name: 'Search' }, admin)
    const [entry] = await audited(directory)
    t.match(entry, { type: 'project.created', at: 1000, actor: admin, objectKind: 'project', objectId: 'p1', projectId: 'p1', before: null, after: { name: 'Search' } })
    t.match(entry?.id, /^audit_\w+$/)
  })

  t.test('a refused change leaves no audit entry', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    await t.rejects(directory.projects.archive('p1', admin))
    t.same(await audited(directory), [])
  })

  t.test('the audit log is read by page and by filter', async t => {
    const clock = { now: 1000 }
    const directory = await withProject(await openEmpty(t, clock))
    clock.now = 2000
    await directory.keys.create(keyOf('p1', 'a1', 'k1'), { ...admin, id: 'other' })
    const types = async (filter: object) => (await directory.audit.list({ ...firstPage, ...filter })).data.map(({ type }) => type)
    t.same(await types({ types: ['api_key.created', 'api_key.deleted'] }), ['api_key.created'])
    t.same(await types({ projectIds: ['p2'] }), [])
    t.same(await types({ projectIds: ['p1'], to: 1000 }), ['project.created', 'service_account.created'])
    t.same(await types({ from: 1001 }), ['api_key.created'])
    t.same(await types({ actorIds: ['other'] }), ['api_key.created'])
    t.same(await types({ objectIds: ['a1'] }), ['service_account.created'])
    const first = await directory.audit.list({ limit: 2, order: 'desc' })
    t.same([first.data.map(({ type }) => type), first.hasMore], [['api_key.created', 'service_account.created'], true])
    const second = await directory.audit.list({ limit: 2, order: 'desc', after: first.data[1]?.id })
    t.same([second.data.map(({ type }) => type), second.hasMore], [['project.created'], false])
  })

  t.test('listeners are told what a change concerns, until they stop', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    const heard: DirectoryChange[] = []
    const stop = directory.subscribe(change => heard.push(change))
    await withProject(directory)
    await directory.keys.create(keyOf('p1', 'a1', 'k1'), admin)
    await directory.organization.update(() => ({ spendLimit: { amountNanoUsd: 1, shadow: false } }), admin)
    t.ok(heard.some(({ projectIds }) => projectIds.includes('p1')))
    t.ok(heard.some(({ keyIds }) => keyIds.includes('k1')))
    t.ok(heard.some(({ everything }) => everything))
    stop()
    const before = heard.length
    await directory.projects.archive('p1', admin)
    t.equal(heard.length, before)
  })

  t.test('the first owner of an upstream object holds until it expires or is deleted', async t => {
    const clock = { now: 1000 }
    const { owners } = await openEmpty(t, clock)
    const [one, two] = [{ projectId: 'p1', upstream: 'u1' }, { projectId: 'p2', upstream: 'u2' }]
    t.same(await owners.record('resp_1', one, 100), one)
    t.same(await owners.record('resp_1', two, 100), one)
    t.same(await owners.get('resp_1'), one)
    t.equal(await owners.get('resp_2'), null)
    await owners.delete('resp_1')
    t.equal(await owners.get('resp_1'), null)
    t.same(await owners.record('resp_1', two, 100), two)
    const begunBy = { rid: '0190', keyId: 'key_a', model: 'gpt-5', endpoint: 'responses' as const, period: '2026-11', inputTokens: 7 }
    await owners.record('resp_3', { ...one, begunBy }, 100)
    t.same(await owners.get('resp_3'), { ...one, begunBy })
    await owners.delete('resp_3')
    t.same(await owners.record('resp_3', { ...two, begunBy }, 100), { ...two, begunBy })
  })

  t.test('only the first start sets up', async t => {
    const directory = await openEmpty(t, { now: 1000 })
    const starts = await Promise.all(['one', 'two', 'three'].map(mark => directory.setUp(seedOf(mark), admin)))
    t.equal(starts.filter(({ first }) => first).length, 1)
    t.equal(new Set(starts.map(({ setup }) => setup.pepperMark)).size, 1)
    t.equal((await directory.keys.list('p0', firstPage)).data.length, 1)
    t.equal((await directory.adminKeys.list(firstPage)).data.length, 1)
  })
}
