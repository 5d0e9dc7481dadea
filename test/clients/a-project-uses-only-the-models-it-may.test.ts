import { test } from 'tap'
import { all, startAdmin } from './admin.ts'
import { rejection } from './start.ts'

const messages = [{ role: 'user' as const, content: 'Hello there' }]

test('an allow list with a wildcard', async t => {
  const { organization: { projects }, gateway, as } = await startAdmin(t)
  const client = as(gateway.key)
  const ask = async (model: string) => await client.chat.completions.create({ model, messages })
  await projects.modelPermissions.update('proj_default', { mode: 'allow_list', model_ids: ['openai/*', 'gpt-4o'] })
  t.ok((await ask('gpt-4o')).id)
  t.ok((await ask('openai/gpt-4o')).id)
  t.match(await rejection(ask('gpt-4o-mini')), { status: 404, code: 'model_not_found', param: 'model' })
  t.match(await rejection(client.responses.create({ model: 'gpt-4o-mini', input: 'Hello' })), { status: 404, code: 'model_not_found' })
  t.match(await rejection(client.embeddings.create({ model: 'text-embedding-3-small', input: 'one' })), { status: 404 })

  const ids = (await all(client.models.list())).map(({ id }) => id)
  t.ok(ids.length > 0)
  t.ok(ids.every(id => id === 'gpt-4o' || id.startsWith('openai/')), 'only what may be used is listed')
  const hidden = await rejection(client.models.retrieve('text-embedding-3-small'))
  t.match(hidden, { status: 404, code: 'model_not_found' })

  await projects.modelPermissions.delete('proj_default')
  t.ok((await ask('gpt-4o-mini')).id)
})

test('a deny list', async t => {
  const { organization: { projects }, gateway, as } = await startAdmin(t)
  const client = as(gateway.key)
  await projects.modelPermissions.update('proj_default', { mode: 'deny_list', model_ids: ['*mini*'] })
  t.match(await rejection(client.chat.completions.create({ model: 'gpt-4o-mini', messages })), { status: 404 })
  t.ok((await client.chat.completions.create({ model: 'gpt-4o', messages })).id)
})

test('the scopes of a key', async t => {
  const { organization: { projects }, gateway, as } = await startAdmin(t)
  const account = await projects.serviceAccounts.create('proj_default', { name: 'app', create_service_account_only: true })
  const keyWith = async (...scopes: string[]) => as((await projects.serviceAccounts.apiKeys.create(account.id, { project_id: 'proj_default', scopes })).value)
  const stored = await as(gateway.key).responses.create({ model: 'gpt-4o', input: 'Hello' })

  const reader = await keyWith('api.all.read')
  t.ok((await all(reader.models.list())).length > 0)
  t.equal((await reader.responses.retrieve(stored.id)).id, stored.id)
  t.match(await rejection(reader.chat.completions.create({ model: 'gpt-4o', messages })), { status: 403, code: 'permission_denied', message: /api\.model\.request/ })
  t.match(await rejection(reader.responses.delete(stored.id)), { status: 403 })

  const asker = await keyWith('api.model.request')
  t.ok((await asker.chat.completions.create({ model: 'gpt-4o', messages })).id)
  t.match(await rejection(asker.responses.retrieve(stored.id)), { status: 403 })
  t.match(await rejection(keyWith('api.everything')), { status: 400, param: 'scopes.0' })
})
