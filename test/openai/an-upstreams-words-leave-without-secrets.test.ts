import { test } from 'tap'
import { scrub } from '../../src/openai/scrub.ts'
import { errorOfUpstream } from '../../src/openai/upstream-error.ts'

test('keys, accounts, links, addresses and hosts go', async t => {
  for (const [said, shown] of [
    ['Incorrect API key provided: sk-proj-Ab12Cd34Ef56. You can find it at https://platform.openai.com/account/api-keys.', 'Incorrect API key provided: [key]. You can find it at [link]'],
    ['Incorrect API key provided: sk-abcd********wxyz', 'Incorrect API key provided: [key]'],
    ['header was "Authorization: Bearer eyJhbGciOi.J9-_"', 'header was "Authorization: Bearer [key]"'],
    ['limit for gpt-4o in organization org-AbCdEf123456 on tokens', 'limit for gpt-4o in organization [account] on tokens'],
    ['contact help@provider.example or see (http://provider.example/x?y=1)', 'contact [address] or see ([link])'],
    ['upstream connect error to api.internal.provider.com:8443/v1', 'upstream connect error to [host]'],
    ['connect ECONNREFUSED 10.0.3.17:443', 'connect ECONNREFUSED [host]'],
    ['dial pod-7.default.svc failed', 'dial [host] failed']
  ]) t.equal(scrub(said as string), shown)
})

test('ordinary sentences stay as they are', async t => {
  for (const said of [
    "Unsupported value: 'messages[0].role' does not support 'system' with this model.", "Invalid type for 'tools.0.function.name': expected a string.", 'This model\'s maximum context length is 8192 tokens, however you requested 9000.',
    'gpt-4.1-mini and o3 do not support `temperature`; use 1.0', 'Привет, 日本 🚢', 'Invalid schema: {"type":"object"}', 'ask-me-anything is not a tool'
  ]) t.equal(scrub(said), said)
})

test('a sentence is at most 1,000 characters of well-formed text', async t => {
  t.equal(scrub('é'.repeat(5000)), `${'é'.repeat(1000)}…`)
  t.equal(scrub('a\ud800'), 'a\ufffd')
})

test('neither the answer nor its cause shows a key', async t => {
  for (const status of [400, 401, 404, 429, 500]) {
    const error = errorOfUpstream(status, {}, Buffer.from(JSON.stringify({ error: { message: 'bad key sk-proj-SECRETSECRET, Bearer SECRETSECRET', code: 'x' } })), 0)
    t.notMatch(JSON.stringify(error.toBody()) + String(error.cause) + JSON.stringify(error.headers), 'SECRET')
  }
})

test('long and hostile sentences cost no time', async t => {
  for (const hostile of ['a.'.repeat(500_000), 'sk-'.repeat(300_000), 'a-'.repeat(500_000), '1.'.repeat(500_000), 'x@'.repeat(500_000), 'bearer '.repeat(100_000)]) t.ok(scrub(hostile).length <= 1500)
})
