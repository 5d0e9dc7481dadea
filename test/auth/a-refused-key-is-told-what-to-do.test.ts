import t from 'tap'
import { crc32 } from 'node:zlib'
import { toBase62 } from '../../src/keys/base62.ts'
import { mintAdminKey, mintKey } from '../../src/keys/key.ts'
import { ask, askWith, createKey, refusalOf, startKeyListener, tester } from './key-listener.ts'

t.test('keys that are none', async t => {
  const listener = await startKeyListener(t)
  const { key } = listener
  const cases: Record<string, readonly [headers: Record<string, string>, code: string, advice: RegExp, query?: string]> = {
    'no key': [{}, 'missing_api_key', /Authorization: Bearer sk-tg_/],
    'a key in the query': [{}, 'missing_api_key', /not taken from the URL.*Authorization: Bearer/, `?api_key=${key}`],
    'another scheme': [{ authorization: `Basic ${key}` }, 'invalid_api_key', /must be "Authorization: Bearer/],
    'a word': [{ authorization: 'Bearer nonsense' }, 'invalid_api_key', /begins with "sk-tg_"/],
    'a key of OpenAI': [{ authorization: 'Bearer sk-proj-0123456789abcdef' }, 'invalid_api_key', /another provider.*begins with "sk-tg_"/],
    'an admin key': [{ authorization: `Bearer ${mintAdminKey().token}` }, 'invalid_api_key', /admin key.*admin API only/],
    'a typo': [{ authorization: `Bearer ${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}` }, 'invalid_api_key', /mistyped or cut off/],
    'a key that is cut off': [{ authorization: `Bearer ${key.slice(0, 30)}` }, 'invalid_api_key', /mistyped or cut off/],
    'an unknown key': [{ authorization: `Bearer ${mintKey().token}` }, 'invalid_api_key', /not known here/],
    'a typo in api-key': [{ 'api-key': `${key}0` }, 'invalid_api_key', /mistyped or cut off/]
  }
  for (const [title, [headers, code, advice, query]] of Object.entries(cases)) {
    await t.test(title, async t => {
      const response = await ask(listener, headers, query)
      t.equal(response.status, 401)
      t.equal(response.headers.get('www-authenticate'), 'Bearer')
      const refusal = await refusalOf(response)
      t.match(refusal, { type: 'authentication_error', code, message: advice })
      t.notOk(refusal.message.includes(key.slice(10, 30)), 'the key is not repeated')
    })
  }
})

t.test('the secret of one key under the id of another', async t => {
  const listener = await startKeyListener(t)
  const other = await createKey(listener.directory)
  t.equal((await askWith(listener, listener.key)).status, 200)
  const unchecked = `sk-tg_${listener.key.split('_')[1]}_${other.token.split('_')[2]}_`
  const response = await askWith(listener, unchecked + toBase62(crc32(unchecked), 6))
  t.equal(response.status, 401)
  t.match(await refusalOf(response), { code: 'invalid_api_key', message: /not known here/ })
})

t.test('keys that were good once', async t => {
  const listener = await startKeyListener(t)
  const { directory } = listener
  const team = await directory.projects.create({ id: 'proj_team', name: 'team' }, tester)
  const account = { projectId: team.id, serviceAccountId: 'svc_team' }
  await directory.serviceAccounts.create({ id: account.serviceAccountId, projectId: team.id, name: 'app' }, tester)
  await directory.serviceAccounts.create({ id: 'svc_gone', projectId: team.id, name: 'gone' }, tester)

  const revoked = await createKey(directory)
  await directory.keys.revoke(revoked.id, tester)
  const expired = await createKey(directory, undefined, { expiresAt: Math.floor(Date.now() / 1000) - 1 })
  const ofAccount = await createKey(directory, { projectId: team.id, serviceAccountId: 'svc_gone' })
  await directory.serviceAccounts.delete('svc_gone', tester)
  const ofProject = await createKey(directory, account)
  await directory.projects.archive(team.id, tester)

  for (const [title, { token }, reason] of [
    ['revoked', revoked, /revoked/],
    ['expired', expired, /expired/],
    ['of a deleted service account', ofAccount, /revoked/],
    ['of an archived project', ofProject, /archived/]
  ] as const) {
    const response = await askWith(listener, token)
    t.equal(response.status, 401, title)
    t.match(await refusalOf(response), { code: 'invalid_api_key', message: reason }, title)
  }
  const young = await createKey(directory, undefined, { expiresAt: Math.floor(Date.now() / 1000) + 60 })
  t.equal((await askWith(listener, young.token)).status, 200, 'a key that has not expired yet is good')
})

t.test('keys as they may be sent', async t => {
  const listener = await startKeyListener(t)
  const { key } = listener
  for (const headers of [{ authorization: `Bearer ${key}` }, { authorization: `bearer ${key}` }, { 'api-key': key }]) {
    t.equal((await ask(listener, headers)).status, 200, Object.keys(headers).join())
  }
})
