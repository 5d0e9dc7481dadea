import { test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import type { TestGateway } from '../helpers/gateway.ts'
import { operate, tollgate, environmentOf } from './command.ts'

function modelsWith (gateway: TestGateway, key: string): Promise<Response> {
  return gateway.fetch('/models', { headers: { authorization: `Bearer ${key}` } })
}

test('a team is made, listed and archived', async t => {
  const gateway = await startGateway(t)
  const id = (await operate(t, gateway, 'projects', 'create', 'search')).trim()
  t.match(id, /^proj_\w+$/)
  t.match(JSON.parse(await operate(t, gateway, 'projects', 'list', '--json')), [{ id, name: 'search' }, { id: 'proj_default' }])
  t.match(await operate(t, gateway, 'projects', 'archive', 'search'), `${id} is archived`)
  t.notMatch(await operate(t, gateway, 'projects', 'list'), id)
  t.match(await operate(t, gateway, 'projects', 'list', '--archived'), new RegExp(`^${id}\\s+search\\s+archived`, 'm'))
})

test('a key is made for a new application, shown once with ways to use it, and revoked', async t => {
  const gateway = await startGateway(t)
  const output = await operate(t, gateway, 'keys', 'create', 'web', '--base-url', gateway.baseUrl)
  const [key = ''] = output.split('\n')
  t.equal((await modelsWith(gateway, key)).status, 200)
  for (const snippet of [`OPENAI_API_KEY=${key}`, `curl ${gateway.baseUrl}/chat/completions`, `baseURL: '${gateway.baseUrl}'`, `base_url="${gateway.baseUrl}"`]) t.ok(output.includes(snippet), snippet)

  const keys = JSON.parse(await operate(t, gateway, 'keys', 'list', '--json')) as ReadonlyArray<{ readonly id: string, readonly name: string }>
  const id = keys.find(({ name }) => name === 'web')?.id ?? ''
  const table = await operate(t, gateway, 'keys', 'list')
  t.match(table, new RegExp(`^${id}\\s+web\\s+web`, 'm'))
  t.notMatch(table, key)
  await operate(t, gateway, 'keys', 'revoke', id)
  t.notMatch(await operate(t, gateway, 'keys', 'list'), id)
})

test('a second key of the same application does not make the application again', async t => {
  const gateway = await startGateway(t)
  await operate(t, gateway, 'keys', 'create', 'web')
  await operate(t, gateway, 'keys', 'create', 'web')
  const keys = JSON.parse(await operate(t, gateway, 'keys', 'list', '--json')) as ReadonlyArray<{ readonly owner: { readonly service_account: { readonly id: string, readonly name: string } } }>
  const owners = keys.map(({ owner }) => owner.service_account).filter(({ name }) => name === 'web').map(({ id }) => id)
  t.equal(owners.length, 2)
  t.equal(new Set(owners).size, 1)
})

test('a rotated key works on through the grace, beside its successor', async t => {
  const gateway = await startGateway(t)
  const first = JSON.parse(await operate(t, gateway, 'keys', 'create', 'web', '--json')) as { readonly id: string, readonly value: string }
  const second = JSON.parse(await operate(t, gateway, 'keys', 'rotate', first.id, '--grace', '1h', '--json')) as { readonly id: string, readonly value: string, readonly replaces: object }
  t.match(second.replaces, { id: first.id, expires_at: Number })
  for (const { value } of [first, second]) t.equal((await modelsWith(gateway, value)).status, 200)
  const keys = JSON.parse(await operate(t, gateway, 'keys', 'list', '--json')) as ReadonlyArray<{ readonly id: string, readonly expires_at: number | null, readonly owner: object }>
  const [old, made] = [first, second].map(({ id }) => keys.find(key => key.id === id))
  t.ok(Math.abs((old?.expires_at ?? 0) - Date.now() / 1000 - 3600) < 60)
  t.equal(made?.expires_at, null)
  t.same(made?.owner, old?.owner)
})

test('a rotation without grace ends the old key', async t => {
  const gateway = await startGateway(t)
  const { id } = JSON.parse(await operate(t, gateway, 'keys', 'create', 'web', '--json')) as { readonly id: string }
  await operate(t, gateway, 'keys', 'rotate', id, '--grace', '0s')
  t.notMatch(await operate(t, gateway, 'keys', 'list'), id)
})

test('a name that is not there, or not clear, is told in one line', async t => {
  const gateway = await startGateway(t)
  const unknown = await tollgate(t, ['keys', 'list', '--project', 'serach'], environmentOf(gateway))
  t.same(unknown, { code: 1, output: 'there is no project "serach". See: tollgate projects list\n' })
  await operate(t, gateway, 'projects', 'create', 'twin')
  await operate(t, gateway, 'projects', 'create', 'twin')
  const unclear = await tollgate(t, ['keys', 'list', '--project', 'twin'], environmentOf(gateway))
  t.match(unclear, { code: 1, output: /^2 projects are named "twin"\. Use an id: proj_\w+, proj_\w+\n$/ })
})
