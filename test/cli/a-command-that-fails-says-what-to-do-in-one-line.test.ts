import { test } from 'tap'
import { startGateway } from '../helpers/gateway.ts'
import { sendJson, startProvider } from '../helpers/provider.ts'
import { environmentOf, tollgate } from './command.ts'

const list = ['projects', 'list']
const key = { TOLLGATE_ADMIN_KEY: 'sk-tgadmin_secret' }

test('without an admin key', async t => {
  t.match(await tollgate(t, list), { code: 1, output: /^TOLLGATE_ADMIN_KEY is not set\. Set it to [^\n]+\n$/ })
})

test('without a gateway', async t => {
  t.match(await tollgate(t, list, { ...key, TOLLGATE_ADMIN_URL: 'http://127.0.0.1:1' }), { code: 1, output: /^no gateway answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)\. Start one with: tollgate serve[^\n]+\n$/ })
})

test('with a wrong key', async t => {
  const gateway = await startGateway(t)
  const { code, output } = await tollgate(t, list, { ...environmentOf(gateway), ...key })
  t.equal(code, 1)
  t.match(output, /^[^\n]+ Check TOLLGATE_ADMIN_KEY\n$/)
  t.notMatch(output, 'secret')
})

test('at an address where something else answers', async t => {
  const provider = await startProvider(t, ({ response }) => { sendJson(response, '<html>') })
  t.match(await tollgate(t, list, { ...key, TOLLGATE_ADMIN_URL: provider.url }), { code: 1, output: /does not answer like a gateway\. TOLLGATE_ADMIN_URL names [^\n]+\n$/ })
})

test('with an option that cannot be read', async t => {
  t.match(await tollgate(t, ['usage', '--by', 'colour']), { code: 1, output: /project, key, model/ })
  t.match(await tollgate(t, ['keys', 'create', 'web', '--expires', 'soon']), { code: 1, output: /must be a duration such as/ })
})

test('with nothing to set', async t => {
  t.match(await tollgate(t, ['limits', 'set'], key), { code: 1, output: /^nothing to set\. Give --rpm/ })
})
