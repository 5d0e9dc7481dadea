import { test } from 'tap'
import { mintAdminKey, mintKey } from '../../src/keys/key.ts'
import { listenersOf } from '../helpers/routes.ts'
import type { Route } from '../helpers/routes.ts'
import { startAdmin } from './admin.ts'

const openRoutes = ['/livez', '/readyz', '/metrics']

test('every route of both listeners', async t => {
  const { result: { gateway, organization }, listeners } = await listenersOf(async () => await startAdmin(t))
  const [atPublic = [], atOperator = []] = listeners.map(({ routes }) => routes)
  t.ok(atPublic.some(({ url }) => url === '/v1/chat/completions'))
  t.ok(atOperator.some(({ url }) => url === '/v1/organization/projects/:project/api_keys/:key'))

  const account = await organization.projects.serviceAccounts.create('proj_default', { name: 'gone' })
  await organization.projects.serviceAccounts.delete(account.id, { project_id: 'proj_default' })
  const brief = await organization.adminAPIKeys.create({ name: 'gone' })
  await organization.adminAPIKeys.delete(brief.id)

  const refused = async (base: string, { method, url }: Route, who: string, authorization: string | undefined) => {
    const path = url.replaceAll(/:\w+|\*/g, 'x')
    const body = method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}
    const response = await fetch(base + path, { method, ...body, headers: { ...body.headers, ...(authorization === undefined ? {} : { authorization }) } })
    t.equal(response.status, 401, `${method} ${url} with ${who}`)
    const { error } = await response.json() as { error: { code: string } }
    t.match(error, { type: 'authentication_error', code: authorization === undefined ? 'missing_api_key' : 'invalid_api_key' })
  }
  for (const route of atPublic) {
    await refused(gateway.publicUrl, route, 'nothing', undefined)
    await refused(gateway.publicUrl, route, 'an admin key', `Bearer ${gateway.adminKey}`)
    await refused(gateway.publicUrl, route, 'a key nobody made', `Bearer ${mintKey().token}`)
    await refused(gateway.publicUrl, route, 'a key that is gone', `Bearer ${account.api_key?.value ?? ''}`)
  }
  for (const route of atOperator.filter(({ url }) => !openRoutes.includes(url))) {
    await refused(gateway.operatorUrl, route, 'nothing', undefined)
    await refused(gateway.operatorUrl, route, 'a key of a project', `Bearer ${gateway.key}`)
    await refused(gateway.operatorUrl, route, 'an admin key nobody made', `Bearer ${mintAdminKey().token}`)
    await refused(gateway.operatorUrl, route, 'an admin key that is gone', `Bearer ${brief.value}`)
  }
  for (const url of openRoutes) t.equal((await fetch(gateway.operatorUrl + url)).status, 200, url)
})
