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
  t.match(await tollgate(t, list, { ...key, TOLLGATE_ADMIN_URL: provider.url }), { code: 1, output: /does not answer like the operator listener of a gateway\. TOLLGATE_ADMIN_URL names [^\n]+\n$/ })
})

test('at the public listener', async t => {
  const gateway = await startGateway(t)
  const { code, output } = await tollgate(t, list, { ...environmentOf(gateway), TOLLGATE_ADMIN_URL: new URL(gateway.baseUrl).origin })
  t.equal(code, 1)
  t.match(output, /^http:[^\n]+ does not answer like the operator listener of a gateway\. TOLLGATE_ADMIN_URL names [^\n]+\n$/)
})

for (const url of ['127.0.0.1:9090', 'localhost:9090', 'ftp://127.0.0.1', 'gateway']) {
  test(`at ${url}, which is no URL of HTTP`, async t => {
    const expected = { code: 1, output: /^TOLLGATE_ADMIN_URL must be an http:\/\/ or https:\/\/ URL such as [^\n]+\n$/ }
    t.match(await tollgate(t, list, { ...key, TOLLGATE_ADMIN_URL: url }), expected)
    t.match(await tollgate(t, ['tail'], { ...key, TOLLGATE_ADMIN_URL: url }), expected)
  })
}

test('with a key that no header can carry', async t => {
  const { code, output } = await tollgate(t, list, { TOLLGATE_ADMIN_KEY: 'sk-tgadmin_secret\nof two lines' })
  t.equal(code, 1)
  t.match(output, /^TOLLGATE_ADMIN_KEY is no admin key[^\n]+\n$/)
  t.notMatch(output, 'secret')
})

test('with a sum that cannot be read', async t => {
  for (const usd of ['much', '-5', '99.999']) {
    t.match(await tollgate(t, ['limits', 'spend', usd], key), { code: 1, output: /^error: [^\n]+ must be US dollars such as 250 or 99\.50, or none\.?\n$/ })
  }
})

test('with a limit above the largest', async t => {
  const gateway = await startGateway(t)
  t.match(await tollgate(t, ['limits', 'set', '--tpm', '2147483647'], environmentOf(gateway)), { code: 1, output: /^error: [^\n]+ must be a whole number, 2147483646 at most\n$/ })
  t.match(await tollgate(t, ['limits', 'set', '--tpm', '2147483646'], environmentOf(gateway)), { code: 0, output: /2147483646/ })
})

test('with an option that cannot be read', async t => {
  t.match(await tollgate(t, ['usage', '--by', 'colour']), { code: 1, output: /project, key, model/ })
  t.match(await tollgate(t, ['keys', 'create', 'web', '--expires', 'soon']), { code: 1, output: /must be a duration such as/ })
})

test('with nothing to set', async t => {
  t.match(await tollgate(t, ['limits', 'set'], key), { code: 1, output: /^nothing to set\. Give --rpm/ })
})
