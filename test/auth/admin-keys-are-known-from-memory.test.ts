import Fastify from 'fastify'
import { test } from 'tap'
import type { Test } from 'tap'
import adminAuth from '../../plugins/admin-auth.ts'
import door from '../../plugins/door.ts'
import errors from '../../plugins/errors.ts'
import { digestKey, mintAdminKey, mintKey } from '../../src/keys/key.ts'
import type { AdminKeysStore, Directory, PageQuery } from '../../src/stores/directory.ts'
import { openDirectory } from '../../src/stores/open.ts'
import { StoreUnavailableError } from '../../src/stores/unavailable.ts'
import { seedOf } from '../stores/directory-contract/fixture.ts'

const pepper = 'a pepper for tests only'
const actor = { type: 'system', id: null, address: null } as const

/** The operator listener's door and lock, over a directory whose reads are counted and can be made to fail. */
async function setting (t: Test) {
  const directory = await openDirectory('sqlite::memory:')
  await directory.setUp({ ...seedOf('mark'), adminKey: null }, actor)
  const state = { lists: 0, isDown: false }
  const list = async (query: PageQuery) => {
    state.lists++
    if (state.isDown) throw new StoreUnavailableError('the directory', null)
    return await directory.adminKeys.list(query)
  }
  const adminKeys: Pick<AdminKeysStore, 'list' | 'noteUse'> = { list, noteUse: id => { directory.adminKeys.noteUse(id) } }
  const subscribe: Directory['subscribe'] = listener => directory.subscribe(listener)
  const app = Fastify()
  await app.register(errors)
  await app.register(door, { name: 'operator', max: 1e9, window: 60_000, shared: null })
  await app.register(adminAuth, { directory: { adminKeys, subscribe } as unknown as Directory, pepper, open: ['/open'] })
  app.get('/', ({ actor }) => actor)
  app.get('/open', () => 'in')
  t.teardown(async () => {
    await app.close()
    await directory.close()
  })
  const make = async (name: string, fields: { expiresAt?: number } = {}, { id, token } = mintAdminKey()) => {
    await directory.adminKeys.create({ id, digest: digestKey(token, pepper), name, redacted: '…', ...fields }, actor)
    return { id, token }
  }
  const ask = async (token: string | null, url = '/') => await app.inject({ url, headers: token === null ? {} : { authorization: `Bearer ${token}` } })
  return { directory, state, make, ask }
}

test('who has a key is told to the audit log, and guesses cost no look into the store', async t => {
  const { state, make, ask } = await setting(t)
  const { id, token } = await make('ci')
  t.same((await ask(token)).json(), { type: 'admin_key', id, address: '127.0.0.1' })
  const { lists } = state
  for (let number = 0; number < 500; number++) t.equal((await ask(number % 2 === 0 ? mintAdminKey().token : `${token.slice(0, -1)}!`)).statusCode, 401)
  t.equal(state.lists, lists)
  t.equal((await ask(null)).statusCode, 401)
  t.equal((await ask(null, '/open')).statusCode, 200)
})

test('a key that was made, revoked or has expired', async t => {
  const { directory, make, ask } = await setting(t)
  await make('first')
  const { id, token } = await make('second')
  t.equal((await ask(token)).statusCode, 200)
  await directory.adminKeys.revoke(id, actor)
  t.equal((await ask(token)).statusCode, 401, 'at once')
  const old = await make('old', { expiresAt: 1000 })
  t.match((await ask(old.token)).json(), { error: { message: /expired/ } })
})

test('a secret of the operator\'s own choice', async t => {
  const { directory, ask } = await setting(t)
  const token = 'correct horse battery staple, well'.replaceAll(' ', '-')
  const id = `given_${digestKey(token, pepper).toString('hex', 0, 6)}`
  await directory.adminKeys.declare({ id, digest: digestKey(token, pepper), name: 'default', redacted: '…' }, actor)
  t.equal((await ask(token)).statusCode, 200)
  t.equal((await ask(`${token}x`)).statusCode, 401)
})

test('an outage is not a wrong key', async t => {
  const { directory, state, make, ask } = await setting(t)
  state.isDown = true
  const { token } = await make('ci')
  t.match([(await ask(token)).statusCode, (await ask(token)).json()], [503, { error: { code: 'auth_unavailable' } }])
  state.isDown = false
  t.equal((await ask(token)).statusCode, 200)
  state.isDown = true
  await directory.projects.create({ id: 'proj_a', name: 'a' }, actor)
  await make('another')
  t.equal((await ask(token)).statusCode, 200, 'what was known lately is believed')
})

test('keys of the wrong kind are told what they are', async t => {
  const { ask } = await setting(t)
  t.match((await ask(mintKey().token)).json(), { error: { code: 'invalid_api_key', message: /key of a project/ } })
  t.match((await ask('sk-proj-abc')).json(), { error: { message: /sk-tgadmin_/ } })
})
